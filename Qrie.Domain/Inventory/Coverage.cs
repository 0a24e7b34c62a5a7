namespace Qrie.Domain.Inventory;

/// <summary>The coverage of one type in one account and region: its last lists.</summary>
public sealed record Coverage
{
    public required string AccountId { get; init; }

    /// <summary>The region of the unit, or <c>global</c>.</summary>
    public required string Region { get; init; }

    public required string Service { get; init; }

    public required string Type { get; init; }

    /// <summary>How the last list ended.</summary>
    public required ListOutcome Outcome { get; init; }

    /// <summary>AWS's code; null when complete.</summary>
    public string? ErrorCode { get; init; }

    public string? Message { get; init; }

    public required DateTimeOffset CheckedAt { get; init; }

    /// <summary>The last complete list; null if there was none.</summary>
    public DateTimeOffset? LastSuccessAt { get; init; }

    /// <summary>So many resources were absent at once that only those were deleted whose deletion AWS confirmed one by one.</summary>
    public bool Suspicious { get; init; }

    public string? ScanId { get; init; }
}

/// <summary>The number of resources of a type with an unreadable attribute, by error code.</summary>
public sealed record UnknownAttributeCount(string AccountId, string Service, string Type, string Attribute, string ErrorCode, long Resources);

/// <summary>Stores coverage.</summary>
public interface ICoverageStore
{
    Task RecordAsync(string organization, Coverage coverage, CancellationToken cancel);

    /// <summary>Ordered by account, service, type, region, excluding removed accounts. Null for all accounts.</summary>
    Task<IReadOnlyList<Coverage>> ListAsync(string organization, string? accountId, CancellationToken cancel);

    /// <summary>Null if the type was never listed there.</summary>
    Task<Coverage?> FindAsync(string organization, string accountId, string region, string type, CancellationToken cancel);

    /// <summary>From counters maintained with every write; largest first.</summary>
    Task<IReadOnlyList<UnknownAttributeCount>> CountUnknownAttributesAsync(string organization, string? accountId, CancellationToken cancel);
}
