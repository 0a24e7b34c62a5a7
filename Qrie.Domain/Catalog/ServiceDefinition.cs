using Qrie.Domain.Catalog.CloudTrail;

namespace Qrie.Domain.Catalog;

/// <summary>A service file: which resource types a service has and how they are read (catalog-format.md section 1).</summary>
public sealed class ServiceDefinition
{
    /// <summary>The key in <c>account_service</c> and the unit of work: <c>s3</c>.</summary>
    public required string Key { get; init; }

    /// <summary>The name for people: <c>Amazon S3</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The default of its types.</summary>
    public required ResourceScope Scope { get; init; }

    /// <summary>Where the API of its global types lives; null: the partition's main region.</summary>
    public string? Home { get; init; }

    public required IReadOnlyList<ResourceTypeDefinition> Resources { get; init; }

    /// <summary>The APIs, by the names of their models, whose changing operations this file accounts for.</summary>
    public IReadOnlyList<string> Apis { get; init; } = [];

    /// <summary>The source of its events in CloudTrail, unless a rule names another.</summary>
    public string EventSource { get => field ?? EventKey.SourceOf(Key); init; }

    /// <summary>Events, by name or pattern, that change nothing of what its types show, and why not.</summary>
    public IReadOnlyDictionary<EventKey, string> Irrelevant { get; init; } = new Dictionary<EventKey, string>();

    /// <summary>Paths to redact, by operation (<c>ec2:DescribeInstanceAttribute</c>): secrets that the model does not mark.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> SecretPaths { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Paths that the model marks as sensitive without their being secret, by operation.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> PlainPaths { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
}

/// <summary>Where a type is listed.</summary>
public enum ResourceScope
{
    /// <summary>Once per account and region.</summary>
    Regional,

    /// <summary>Once per account, in the service's home region.</summary>
    Global,
}
