using Qrie.Domain.Work;

namespace Qrie.Domain.Scans;

/// <summary>A unit of work of a scan: one service of one account, for an inventory in one region.</summary>
public sealed record Unit
{
    public required string Organization { get; init; }

    public required string ScanId { get; init; }

    public required ScanKind Kind { get; init; }

    public required string AccountId { get; init; }

    /// <summary>A region or <c>global</c>; empty for policy scans, which read what is stored.</summary>
    public required string Region { get; init; }

    public required string Service { get; init; }

    public UnitStatus Status { get; init; } = UnitStatus.Pending;

    /// <summary>Increases with every claim: only the last claimant can complete the unit.</summary>
    public long Epoch { get; init; }

    public int Attempts { get; init; }

    public string? Owner { get; init; }

    /// <summary>After this, another worker may claim the unit.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public ScanCounters Counters { get; init; } = new();

    public IReadOnlyList<UnitError> Errors { get; init; } = [];

    /// <summary>Its AWS calls, by operation.</summary>
    public IReadOnlyList<CountedCalls> Calls { get; init; } = [];

    /// <summary>A readable name: <c>123456789012_s3 in eu-west-1</c>.</summary>
    public string Place => AccountService.Of(AccountId, Service) + (Region.Length == 0 ? "" : $" in {Region}");
}

public enum UnitStatus
{
    Pending,
    Running,
    Done,

    /// <summary>It could not be completed. Errors of AWS do not fail a unit; they are recorded as coverage.</summary>
    Failed,
    Cancelled,
}

/// <summary>The work of a unit so far.</summary>
public sealed record UnitResult(ScanCounters Counters, IReadOnlyList<UnitError> Errors)
{
    /// <summary>By operation.</summary>
    public IReadOnlyList<CountedCalls> Calls { get; init; } = [];
}
