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

/// <summary>Rows computed from existing data.</summary>
public sealed class ExpressionSource : CatalogSource
{
    public required JmesPathExpression Expression { get; init; }
}

/// <summary>Steps of which each is applied to every row of the previous one.</summary>
public sealed class SourceChain : CatalogSource
{
    /// <summary>Steps; the first may be an expression.</summary>
    public required IReadOnlyList<CatalogSource> Links { get; init; }
}

/// <summary>One operation and the processing of its response.</summary>
public sealed class SourceStep : CatalogSource
{
    /// <summary>Null for a step without a call, whose response is the row itself (a link that only filters).</summary>
    public ServiceOperation? Call { get; init; }

    public IReadOnlyList<StepParameter> With { get; init; } = [];

    /// <summary>Over the response; null for all of it.</summary>
    public JmesPathExpression? Select { get; init; }

    /// <summary>Errors that mean "not configured".</summary>
    public IReadOnlyList<AbsentError> Absent { get; init; } = [];

    /// <summary>If falsy, the call is skipped and the result is null.</summary>
    public JmesPathExpression? When { get; init; }

    /// <summary>
    /// If truthy, the response is known to be "not configured" and the call is skipped; null for a step that always calls. Unlike <see cref="When"/>, an
    /// expression that reads what is unknown does not prevent the call: another permission may allow it.
    /// </summary>
    public JmesPathExpression? Unless { get; init; }

    /// <summary>Called once per unit (or batch) and joined by equal keys; null for one call per row.</summary>
    public MatchKeys? Match { get; init; }

    /// <summary>How many rows share one call; null for one.</summary>
    public int? Batch { get; init; }

    /// <summary>The region of the call and of nested steps; null for the resource's.</summary>
    public JmesPathExpression? At { get; init; }

    /// <summary>Repeated every 2 s, for at most 60 s, until this is truthy over the response; null for a single call.</summary>
    public JmesPathExpression? Until { get; init; }

    /// <summary>Its rows become its input again until it returns none.</summary>
    public bool Repeat { get; init; }

    /// <summary>The maximum number of rows; null for the general limit.</summary>
    public int? Limit { get; init; }

    /// <summary>Attributes of each row of the response.</summary>
    public IReadOnlyList<AttributeDefinition> Describe { get; init; } = [];

    /// <summary>Its parameters do not depend on the row, so one call serves the unit.</summary>
    public bool ReadsNoRow { get; init; }

    /// <summary>The order in which the attributes of the rows are computed; null if there are none.</summary>
    public DescribePlan? DescribePlan { get; init; }
}

/// <summary><c>service:Operation</c>, as the AWS CLI spells the service and the API the operation.</summary>
public sealed record ServiceOperation(string Service, string Operation)
{
    public override string ToString() => $"{Service}:{Operation}";
}

/// <summary>A parameter of a call: exactly one of the two is set.</summary>
/// <param name="Name">The API's name.</param>
/// <param name="Expression">Over the row; null for a literal.</param>
/// <param name="Literal">The value; undefined for an expression. A parameter with JSON null is not sent.</param>
public sealed record StepParameter(string Name, JmesPathExpression? Expression, JsonElement Literal);

/// <summary>An error that means "not configured".</summary>
/// <param name="Code">The code in the response.</param>
/// <param name="Message">A pattern with <c>*</c> that the message must match too; null for any message.</param>
public sealed record AbsentError(string Code, string? Message)
{
    public bool Matches(string code, string message) => code == Code && (Message is null || Wildcard.Matches(Message, message));
}

/// <summary>How rows of a shared response are joined to resources: by equal keys; either side may be a list.</summary>
public sealed record MatchKeys(JmesPathExpression Mine, JmesPathExpression Theirs);
