using Qrie.Domain.Catalog.CloudTrail;

namespace Qrie.Domain.Catalog;

/// <summary>A service file: the resource types of a service and how they are read (catalog-format.md section 1).</summary>
public sealed class ServiceDefinition
{
    /// <summary>The key in <c>account_service</c> and the unit of work: <c>s3</c>.</summary>
    public required string Key { get; init; }

    /// <summary>The display name: <c>Amazon S3</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The default of its types.</summary>
    public required ResourceScope Scope { get; init; }

    /// <summary>The region of the API of its global types; null for the partition's main region.</summary>
    public string? Home { get; init; }

    public required IReadOnlyList<ResourceTypeDefinition> Resources { get; init; }

    /// <summary>The APIs, by model name, whose changing operations this file covers.</summary>
    public IReadOnlyList<string> Apis { get; init; } = [];

    /// <summary>The source of its CloudTrail events, unless a rule names another.</summary>
    public string EventSource { get => field ?? EventKey.SourceOf(Key); init; }

    /// <summary>Events, by name or pattern, that do not affect its types, with the reasons.</summary>
    public IReadOnlyDictionary<EventKey, string> Irrelevant { get; init; } = new Dictionary<EventKey, string>();

    /// <summary>Paths to redact, by operation (<c>ec2:DescribeInstanceAttribute</c>): secrets that the model does not mark.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> SecretPaths { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Paths that the model marks as sensitive although they are not secret, by operation.</summary>
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
