namespace Qrie.Domain.Inventory;

/// <summary>How far Qrie sees one type in one account and region: the last list of each kind.</summary>
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

    /// <summary>The last complete list; null: never.</summary>
    public DateTimeOffset? LastSuccessAt { get; init; }

    /// <summary>So many vanished at once that only those were believed that AWS confirmed one by one.</summary>
    public bool Suspicious { get; init; }

    public string? ScanId { get; init; }
}

/// <summary>How many resources of a type have an attribute that could not be read, by error code.</summary>
public sealed record UnknownAttributeCount(string AccountId, string Service, string Type, string Attribute, string ErrorCode, long Resources);

/// <summary>Keeps coverage.</summary>
public interface ICoverageStore
{
    Task RecordAsync(string organization, Coverage coverage, CancellationToken cancel);

    /// <summary>Ordered by account, service, type, region; without removed accounts. Null: all accounts.</summary>
    Task<IReadOnlyList<Coverage>> ListAsync(string organization, string? accountId, CancellationToken cancel);

    /// <summary>From counters kept with every write; largest first.</summary>
    Task<IReadOnlyList<UnknownAttributeCount>> CountUnknownAttributesAsync(string organization, string? accountId, CancellationToken cancel);
}
