using Qrie.JmesPath;

namespace Qrie.Domain.Catalog;

/// <summary>A resource type: how to list, describe, identify and tag it, and which events change it.</summary>
public sealed class ResourceTypeDefinition
{
    /// <summary>The member of stored configurations that lists attributes that could not be read.</summary>
    public const string UnknownMember = "_unknown";

    /// <summary>The CloudFormation name, <c>AWS::S3::Bucket</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Alternative names of the type.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The key of its service.</summary>
    public required string Service { get; init; }

    public required ResourceScope Scope { get; init; }

    /// <summary>The list of its resources; null for a singleton, one per account or per account and region.</summary>
    public CatalogSource? List { get; init; }

    /// <summary>How to read one of them by <c>$id</c>; null to select it from the whole list.</summary>
    public OneDefinition? One { get; init; }

    /// <summary>Rows for which it is falsy are ignored; null to accept all.</summary>
    public JmesPathExpression? Where { get; init; }

    /// <summary>Unique within account, region and type. Null for a singleton, whose id is its account or region.</summary>
    public JmesPathExpression? Id { get; init; }

    /// <summary>Null if the id is the ARN; for a singleton, <c>arn:…:settings</c>.</summary>
    public TextTemplate? Arn { get; init; }

    /// <summary>The region of a globally listed resource; null for the region where it was listed.</summary>
    public JmesPathExpression? Region { get; init; }

    /// <summary>Attributes beyond those of the list row, in file order.</summary>
    public IReadOnlyList<AttributeDefinition> Describe { get; init; } = [];

    /// <summary>Its tags; null for the first of Tags, TagSet, TagList, tags, tagSet.</summary>
    public JmesPathExpression? Tags { get; init; }

    /// <summary>Paths that change by themselves: stored, but excluded from hash, history and drift.</summary>
    public IReadOnlyList<string> Volatile { get; init; } = [];

    /// <summary>If falsy, the resource is in a transitional state and is rechecked after an event; null if it never is.</summary>
    public JmesPathExpression? Settled { get; init; }

    public ResourceSummary Summary { get; init; } = new();

    /// <summary>A link to the AWS console; null if there is none.</summary>
    public TextTemplate? Console { get; init; }

    public IReadOnlyList<EventRule> Events { get; init; } = [];

    /// <summary>Exactly one exists per account (global) or per account and region, even if nothing is configured.</summary>
    public bool IsSingleton => List is null;

    /// <summary>The order in which the attributes are computed; determined at load.</summary>
    public required DescribePlan Plan { get; init; }
}

/// <summary>The columns of a resource list; null columns are empty.</summary>
public sealed record ResourceSummary(JmesPathExpression? Name = null, JmesPathExpression? State = null, JmesPathExpression? Created = null);

/// <summary>An attribute and its source. <c>*</c>: merged into the resource. <c>_x</c>: a helper that is not stored.</summary>
public sealed record AttributeDefinition(string Name, CatalogSource Source)
{
    public const string Merged = "*";

    public bool IsMerged => Name == Merged;

    public bool IsHelper => Name.StartsWith('_');
}

/// <summary>How to read one resource.</summary>
/// <param name="Source">Returns the row: the last step of the list with modifications, or a separate source.</param>
/// <param name="From">The row that the source starts from; null for none.</param>
public sealed record OneDefinition(CatalogSource Source, JmesPathExpression? From = null);

/// <summary>Which CloudTrail records affect a type (catalog-format.md section 5).</summary>
public sealed class EventRule
{
    /// <summary>Event names, <c>*</c> is a wildcard.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Over the CloudTrail record: an id or ARN, a list of them, null (another type is affected) or <c>*</c> (every stored one).</summary>
    public required JmesPathExpression Id { get; init; }

    /// <summary>The record's event source; null for the service's own.</summary>
    public string? EventSource { get; init; }

    /// <summary>The resource is expected to be deleted: if it still exists, the read is repeated.</summary>
    public bool Gone { get; init; }

    /// <summary>Other types to collect with it: expressions over <c>$stored</c> and <c>$self</c> that return their ids.</summary>
    public IReadOnlyDictionary<string, JmesPathExpression> Also { get; init; } = new Dictionary<string, JmesPathExpression>();
}
