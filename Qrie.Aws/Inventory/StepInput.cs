using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>The input of a step: a row and its owner.</summary>
/// <param name="Owner">The resource, or the row of one, that gets the attribute.</param>
/// <param name="Row">What expressions read; at first the owner itself, in a chain a row of the previous link.</param>
/// <param name="Unknown">What is unknown of the row.</param>
/// <param name="Region">Where calls go unless <c>at</c> says otherwise.</param>
/// <param name="IsWhole">The step reads the owner itself, not an attribute that it may lack.</param>
internal sealed record StepInput(ResourceContext Owner, JmesValue Row, IReadOnlyDictionary<string, string> Unknown, string Region, bool IsWhole = false)
{
    public static StepInput Of(ResourceContext owner) => new(owner, owner.Value, owner.Unknown, owner.Region);

    public static StepInput Of(ResourceContext owner, AttributeDefinition attribute) => Of(owner) with { IsWhole = attribute.IsMerged };

    public Scope Scope() => new(Region, Owner.Root, default, Unknown, Owner.Root.RequestedId);

    /// <summary>For <c>select</c>: over a response, with the row for which the call was made.</summary>
    public Scope ResponseScope() => new(Region, Owner.Root, Row, null, Owner.Root.RequestedId);

    /// <summary>The same owner with a row returned by a call.</summary>
    public StepInput With(JmesValue row) => this with { Row = row, Unknown = Nothing };

    private static Dictionary<string, string> Nothing { get; } = [];
}
