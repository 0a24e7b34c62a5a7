using System.Text.Json;

namespace Qrie.Domain.Inventory;

/// <summary>A resource as read by a collector, before reconciliation with the store.</summary>
public sealed record CollectedResource
{
    /// <summary>The 12-digit account that owns it (never taken from the ARN, because S3 ARNs contain none).</summary>
    public required string AccountId { get; init; }

    /// <summary>The service key of the catalog, <c>s3</c>.</summary>
    public required string Service { get; init; }

    /// <summary>The CloudFormation type, <c>AWS::S3::Bucket</c>.</summary>
    public required string Type { get; init; }

    public required string Arn { get; init; }

    /// <summary>Unique inside account, region and type: a bucket's name, an instance id.</summary>
    public required string Id { get; init; }

    /// <summary>Its region; <c>global</c> for resources without one. A globally listed bucket still has its own region.</summary>
    public required string Region { get; init; }

    /// <summary>The region of the unit that lists it: a region, or <c>global</c>. Deletion is decided per account, this and type.</summary>
    public required string ListedIn { get; init; }

    /// <summary>Its tags; null if they could not be read.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>The attributes in AWS's shape, without null members; unknown ones under <c>_unknown: {attribute: error code}</c>.</summary>
    public required JsonElement Configuration { get; init; }

    /// <summary>The attributes that could not be read, with the error code; the same as <c>_unknown</c>.</summary>
    public IReadOnlyDictionary<string, string> Unknown { get; init; } = new Dictionary<string, string>();

    /// <summary>Over the configuration and <c>_unknown</c>, without volatile paths, ignoring the order of keys and lists.</summary>
    public required string Hash { get; init; }

    /// <summary>
    /// Paths of attributes that change by themselves (last-used times, counters) and are excluded from the hash. They are stored even when the hash is
    /// unchanged, because time-dependent policies read them.
    /// </summary>
    public IReadOnlyList<string> Volatile { get; init; } = [];

    /// <summary>The keys by which policies of other resources look it up.</summary>
    public IReadOnlyList<LookupKey> Keys { get; init; } = [];

    /// <summary>The send time of the oldest call that contributed.</summary>
    public required DateTimeOffset DescribeTime { get; init; }
}
