using Qrie.JmesPath;

namespace Qrie.Domain.Catalog;

/// <summary>A resource type: how to list, describe, identify and tag it, and which events change it.</summary>
public sealed class ResourceTypeDefinition
{
    /// <summary>The CloudFormation name, <c>AWS::S3::Bucket</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Other spellings of the same type.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The key of the service it belongs to.</summary>
    public required string Service { get; init; }

    public required ResourceScope Scope { get; init; }

    /// <summary>Rows that are the resources; null: a singleton, one per account or per account and region.</summary>
    public CatalogSource? List { get; init; }

    /// <summary>How to get one of them by <c>$id</c>; null: the whole list, from which it is picked.</summary>
    public OneDefinition? One { get; init; }

    /// <summary>Rows for which it is falsy do not exist; null: all do.</summary>
    public JmesPathExpression? Where { get; init; }

    /// <summary>Unique inside account, region and type. Null: a singleton's, its account or region.</summary>
    public JmesPathExpression? Id { get; init; }

    /// <summary>Null: the id is the ARN; for a singleton, <c>arn:…:settings</c>.</summary>
    public TextTemplate? Arn { get; init; }

    /// <summary>Where a globally listed resource lives; null: where it was listed.</summary>
    public JmesPathExpression? Region { get; init; }

    /// <summary>Attributes beyond those of the list row, in the order of the file.</summary>
    public IReadOnlyList<AttributeDefinition> Describe { get; init; } = [];

    /// <summary>Its tags; null: the first of Tags, TagSet, TagList, tags, tagSet.</summary>
    public JmesPathExpression? Tags { get; init; }

    /// <summary>Paths that change by themselves: stored, but left out of hash, history and drift.</summary>
    public IReadOnlyList<string> Volatile { get; init; } = [];

    /// <summary>Falsy: still changing, so an event's collection is repeated later; null: always settled.</summary>
    public JmesPathExpression? Settled { get; init; }

    public ResourceSummary Summary { get; init; } = new();

    /// <summary>A link to the AWS console; null: none.</summary>
    public TextTemplate? Console { get; init; }

    public IReadOnlyList<EventRule> Events { get; init; } = [];

    /// <summary>Exactly one exists per account (global) or per account and region, even when nothing is enabled.</summary>
    public bool IsSingleton => List is null;

    /// <summary>In which order the attributes can be computed; made at load.</summary>
    public required DescribePlan Plan { get; init; }
}

/// <summary>What a list of resources shows; each null: nothing.</summary>
public sealed record ResourceSummary(JmesPathExpression? Name = null, JmesPathExpression? State = null, JmesPathExpression? Created = null);

/// <summary>An attribute and where it comes from. <c>*</c>: merged into the resource. <c>_x</c>: a helper that is not stored.</summary>
public sealed record AttributeDefinition(string Name, CatalogSource Source)
{
    public const string Merged = "*";

    public bool IsMerged => Name == Merged;

    public bool IsHelper => Name.StartsWith('_');
}

/// <summary>How to ask for one resource.</summary>
/// <param name="Source">Gives the row; the last step of the list with its changes applied, or a source of its own.</param>
/// <param name="From">The row that the source starts from; null: none.</param>
public sealed record OneDefinition(CatalogSource Source, JmesPathExpression? From = null);

/// <summary>Which CloudTrail records concern a type (catalog-format.md section 5).</summary>
public sealed class EventRule
{
    /// <summary>Event names, <c>*</c> is a wildcard.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Over the CloudTrail record: an id or ARN, a list of them, null (not about this type) or <c>*</c> (every stored one).</summary>
    public required JmesPathExpression Id { get; init; }

    /// <summary>The record's event source; null: the service's own.</summary>
    public string? EventSource { get; init; }

    /// <summary>The resource is expected to be gone: if it is still seen, it is asked for again before that is believed.</summary>
    public bool Gone { get; init; }

    /// <summary>Other types to collect with it: expressions over <c>$stored</c> and <c>$self</c> that give their ids.</summary>
    public IReadOnlyDictionary<string, JmesPathExpression> Also { get; init; } = new Dictionary<string, JmesPathExpression>();
}
