using System.Text.Json;
using Qrie.JmesPath;

namespace Qrie.Domain.Catalog;

/// <summary>Where rows come from: a step, a chain of them, or an expression without a call (catalog-format.md section 2).</summary>
public abstract class CatalogSource
{
    private protected CatalogSource()
    {
    }

    /// <summary>The file and line it was written in, for messages.</summary>
    public required string Place { get; init; }
}

/// <summary>Rows computed from what is there already.</summary>
public sealed class ExpressionSource : CatalogSource
{
    public required JmesPathExpression Expression { get; init; }
}

/// <summary>Every row of one link goes through the next.</summary>
public sealed class SourceChain : CatalogSource
{
    /// <summary>Steps; the first may be an expression.</summary>
    public required IReadOnlyList<CatalogSource> Links { get; init; }
}

/// <summary>One operation and what is made of its answer.</summary>
public sealed class SourceStep : CatalogSource
{
    /// <summary>Null: no call, the row itself is the answer (a chain's link that only filters).</summary>
    public ServiceOperation? Call { get; init; }

    public IReadOnlyList<StepParameter> With { get; init; } = [];

    /// <summary>Over the answer; null: all of it.</summary>
    public JmesPathExpression? Select { get; init; }

    /// <summary>Errors that mean "not there".</summary>
    public IReadOnlyList<AbsentError> Absent { get; init; } = [];

    /// <summary>Falsy: no call, null.</summary>
    public JmesPathExpression? When { get; init; }

    /// <summary>Called once per unit (or per batch) and joined by equal keys; null: called per row.</summary>
    public MatchKeys? Match { get; init; }

    /// <summary>How many rows share one call; null: one.</summary>
    public int? Batch { get; init; }

    /// <summary>The region of the call and of the steps inside; null: the resource's.</summary>
    public JmesPathExpression? At { get; init; }

    /// <summary>Called again every 2 s, for at most 60 s, until this is truthy over the answer; null: once.</summary>
    public JmesPathExpression? Until { get; init; }

    /// <summary>Its rows are fed into it again until none come.</summary>
    public bool Repeat { get; init; }

    /// <summary>At most so many rows are kept; null: the general limit.</summary>
    public int? Limit { get; init; }

    /// <summary>Attributes for each row of the answer.</summary>
    public IReadOnlyList<AttributeDefinition> Describe { get; init; } = [];

    /// <summary>Its parameters are the same for every row, so that one call serves the unit.</summary>
    public bool ReadsNoRow { get; init; }

    /// <summary>In which order the attributes of the rows can be computed; null: they have none.</summary>
    public DescribePlan? DescribePlan { get; init; }
}

/// <summary><c>service:Operation</c>, as the AWS CLI spells the service and the API the operation.</summary>
public sealed record ServiceOperation(string Service, string Operation)
{
    public override string ToString() => $"{Service}:{Operation}";
}

/// <summary>A parameter of a call: exactly one of the two is set.</summary>
/// <param name="Name">The API's name.</param>
/// <param name="Expression">Over the row; null: a literal.</param>
/// <param name="Literal">As it is; undefined: an expression. JSON null: the parameter is not sent.</param>
public sealed record StepParameter(string Name, JmesPathExpression? Expression, JsonElement Literal);

/// <summary>An error that means "not there".</summary>
/// <param name="Code">As on the wire.</param>
/// <param name="Message">A pattern with <c>*</c> that the message must match too; null: any message.</param>
public sealed record AbsentError(string Code, string? Message)
{
    public bool Matches(string code, string message) => code == Code && (Message is null || Wildcard.Matches(Message, message));
}

/// <summary>How rows of a shared answer find their resource: equal keys, either side may be a list.</summary>
public sealed record MatchKeys(JmesPathExpression Mine, JmesPathExpression Theirs);
