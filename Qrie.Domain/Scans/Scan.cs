using Qrie.Domain.Work;

namespace Qrie.Domain.Scans;

/// <summary>One run over accounts: an inventory or a policy scan.</summary>
public sealed record Scan
{
    public required string Organization { get; init; }

    /// <summary>A UUID; part of every log line, metric and response of the scan.</summary>
    public required string ScanId { get; init; }

    public required ScanKind Kind { get; init; }

    public required ScanType ScanType { get; init; }

    /// <summary>What started it: <c>manual</c>, <c>schedule</c>, <c>launch</c>, <c>cli</c>.</summary>
    public required string Trigger { get; init; }

    public required ScanStatus Status { get; init; }

    /// <summary>Its restrictions.</summary>
    public ScanFilter Filter { get; init; } = ScanFilter.Everything;

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its first unit was claimed; null if none was yet.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The due time of a scheduled scan; unique with organization and kind, so that replicas do not start it twice.</summary>
    public DateTimeOffset? ScheduledFor { get; init; }

    /// <summary>Its units wait until this scan has ended, whatever its outcome; null if they do not wait.</summary>
    public string? AfterScanId { get; init; }

    public int TotalUnits { get; init; }

    /// <summary>Units that have not ended; 0 completes the scan.</summary>
    public int RemainingUnits { get; init; }

    public int FailedUnits { get; init; }

    public ScanCounters Counters { get; init; } = new();

    /// <summary>The first errors, at most <see cref="MaxErrors"/>; units have all of theirs.</summary>
    public IReadOnlyList<ScanError> Errors { get; init; } = [];

    public const int MaxErrors = 50;
}

/// <summary>Null means unrestricted.</summary>
/// <param name="Level">The level that a user asked for; null if none was.</param>
public sealed record ScanFilter(string? AccountId = null, string? Service = null, string? PolicyId = null, ScanLevel? Level = null)
{
    public static readonly ScanFilter Everything = new();

    /// <summary>Whether a scan with this filter covers everything of its kind, so that it is a reference for drift.</summary>
    public bool CoversAll(ScanKind kind) =>
        this with { Level = null } == Everything && (Level is null || (kind == ScanKind.Policy && Level != ScanLevel.Quick));
}

/// <summary>How thorough a scan is.</summary>
public enum ScanLevel
{
    /// <summary>Critical and high policies, on what is stored.</summary>
    Quick,

    /// <summary>All active policies, on what is stored.</summary>
    Standard,

    /// <summary>An inventory of what the active policies need, then all of them.</summary>
    Deep,
}

public enum ScanKind
{
    Inventory,
    Policy,
}

public enum ScanStatus
{
    Queued,
    Running,
    Completed,

    /// <summary>At least one unit failed.</summary>
    CompletedWithErrors,
    Failed,
    Cancelled,
}

/// <summary>An error of a scan and its location.</summary>
/// <param name="Service">Null for several.</param>
/// <param name="Type">Null for several, or if the error does not concern a type.</param>
/// <param name="Count">How often it occurred: a denied region is one error, not one per type.</param>
public sealed record ScanError(string? AccountId, string? Region, string? Service, string? Type, string Code, string Message, int Count = 1)
{
    /// <summary>
    /// Merges the errors of another unit: the same code in the same account and region is one error. At most <see cref="Scan.MaxErrors"/>.
    /// </summary>
    public static IReadOnlyList<ScanError> Merge(IReadOnlyList<ScanError> errors, IEnumerable<ScanError> more)
    {
        var merged = errors.ToList();
        foreach (var error in more)
        {
            var at = merged.FindIndex(e => e.AccountId == error.AccountId && e.Region == error.Region && e.Code == error.Code);
            if (at >= 0)
            {
                var known = merged[at];
                merged[at] = known with
                {
                    Service = known.Service == error.Service ? known.Service : null,
                    Type = known.Type == error.Type ? known.Type : null,
                    Count = known.Count + error.Count,
                };
            }
            else if (merged.Count < Scan.MaxErrors)
            {
                merged.Add(error);
            }
        }

        return merged;
    }
}
