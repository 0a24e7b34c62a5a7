using System.Text.Json;

namespace Qrie.Domain.Inventory;

/// <summary>A resource as a collector saw it, before it is reconciled with what is stored.</summary>
public sealed record CollectedResource
{
    /// <summary>The 12-digit account that owns it (an S3 ARN has none, so it never comes from the ARN).</summary>
    public required string AccountId { get; init; }

    /// <summary>The service key of the catalog, <c>s3</c>.</summary>
    public required string Service { get; init; }

    /// <summary>The CloudFormation type, <c>AWS::S3::Bucket</c>.</summary>
    public required string Type { get; init; }

    public required string Arn { get; init; }

    /// <summary>Unique inside account, region and type: a bucket's name, an instance id.</summary>
    public required string Id { get; init; }

    /// <summary>Where it lives; <c>global</c> for things that live nowhere. A bucket listed globally still has its own region.</summary>
    public required string Region { get; init; }

    /// <summary>The region of the unit that lists it: a region, or <c>global</c>. Deletion is decided per account, this and type.</summary>
    public required string ListedIn { get; init; }

    /// <summary>Its tags; null when they could not be read.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>The attributes in AWS's shape, without null members; unknown ones under <c>_unknown: {attribute: error code}</c>.</summary>
    public required JsonElement Configuration { get; init; }

    /// <summary>The attributes that could not be read, with the error code; the same as <c>_unknown</c>.</summary>
    public IReadOnlyDictionary<string, string> Unknown { get; init; } = new Dictionary<string, string>();

    /// <summary>Over the configuration and <c>_unknown</c>, without volatile paths, ignoring the order of keys and lists.</summary>
    public required string Hash { get; init; }

    /// <summary>
    /// Paths of attributes that change by themselves and are left out of the hash (last-used times, counters). They are stored again even when the hash stays,
    /// because time-dependent policies read them.
    /// </summary>
    public IReadOnlyList<string> Volatile { get; init; } = [];

    /// <summary>What policies of other resources find it by.</summary>
    public IReadOnlyList<LookupKey> Keys { get; init; } = [];

    /// <summary>The send time of the oldest call that contributed.</summary>
    public required DateTimeOffset DescribeTime { get; init; }
}
