using Qrie.Aws.Api;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;

namespace Qrie.Aws.Inventory;

/// <summary>Common data of all calls of a unit.</summary>
internal sealed class UnitContext
{
    public required CollectionUnit Unit { get; init; }

    public required ServiceDefinition Service { get; init; }

    public required AwsPrincipal Principal { get; init; }

    /// <summary>The partition's name, as in ARNs.</summary>
    public required string Partition { get; init; }

    /// <summary>The region of the API of global types.</summary>
    public required string Home { get; init; }

    public required UnitCalls Calls { get; init; }

    /// <summary>Whether the unit keeps the responses of a step, because another one asks for the same.</summary>
    public bool IsRepeated(SourceStep step) => RepeatedSteps.Of(Service).Contains(step);

    public string AccountId => Unit.Account.AccountId;

    /// <summary>The default region of calls.</summary>
    public string CallRegion => Unit.Region == Regions.Global ? Home : Unit.Region;

    /// <summary>The types that this unit lists.</summary>
    public IEnumerable<ResourceTypeDefinition> Types =>
        Service.Resources.Where(type => type.Scope is ResourceScope.Global == (Unit.Region == Regions.Global));
}
