using Qrie.Domain.Work;

namespace Qrie.Domain.Scans;

/// <summary>Stores scans and their units. The unit row is authoritative; signals that wake workers are only hints.</summary>
public interface IScanStore
{
    /// <summary>Stores a scan with its units. Returns false if the organization already has a scan of that kind and scheduled time.</summary>
    Task<bool> CreateAsync(Scan scan, IReadOnlyList<Unit> units, CancellationToken cancel);

    Task<Scan?> FindAsync(string organization, string scanId, CancellationToken cancel);

    /// <summary>Newest first.</summary>
    Task<Page<Scan>> ListAsync(string organization, PageRequest page, CancellationToken cancel);

    /// <summary>Ordered by account, region, service.</summary>
    Task<Page<Unit>> ListUnitsAsync(string organization, string scanId, PageRequest page, CancellationToken cancel);

    /// <summary>The progress of a scan, including running units; ordered by account, service.</summary>
    Task<IReadOnlyList<ScanProgress>> ReadProgressAsync(string organization, string scanId, CancellationToken cancel);

    /// <summary>The AWS calls of the completed units of a scan, ordered by operation.</summary>
    Task<IReadOnlyList<ScanOperation>> ReadOperationsAsync(string organization, string scanId, CancellationToken cancel);

    /// <summary>The last complete anti-entropy scan over everything, the reference for drift. Null if there was none.</summary>
    Task<Scan?> FindLastFullAsync(string organization, ScanKind kind, CancellationToken cancel);

    /// <summary>The latest time for which a scheduled scan was started. Null if there was none.</summary>
    Task<DateTimeOffset?> FindLastScheduledAsync(string organization, ScanKind kind, CancellationToken cancel);

    /// <summary>Whether a scan of a policy in all accounts was started at that time or later, whatever its outcome.</summary>
    Task<bool> HasPolicyScanAsync(string organization, string policyId, string service, DateTimeOffset since, CancellationToken cancel);

    /// <summary>
    /// Claims the next free unit (pending, or with an expired lease): manual scans before scheduled ones, oldest first, accounts in turn; never concurrently
    /// with a running unit of the same kind, account, region and service, and never more than <paramref name="perAccount"/> of one account and kind. Null if
    /// there is none.
    /// </summary>
    /// <param name="owner">The worker.</param>
    /// <param name="now">The present.</param>
    /// <param name="lease">How long the claim is valid without a renewal.</param>
    /// <param name="perAccount">Running units of an account and kind, with this one.</param>
    /// <param name="cancel">Ends the call.</param>
    /// <param name="only">The kind of the unit; null for any.</param>
    Task<Unit?> ClaimNextAsync(string owner, DateTimeOffset now, TimeSpan lease, int perAccount, CancellationToken cancel, ScanKind? only = null);

    /// <summary>
    /// Renews a lease, records the progress and the heartbeat of the scan. Returns false if the unit has ended or was claimed by another worker.
    /// </summary>
    Task<bool> RenewAsync(Unit unit, UnitResult soFar, DateTimeOffset now, TimeSpan lease, CancellationToken cancel);

    /// <summary>
    /// Completes a unit and adds it to its scan; the last one completes the scan. Returns false, changing nothing, if the claim was lost.
    /// </summary>
    Task<bool> EndAsync(Unit unit, UnitStatus status, UnitResult result, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Releases a unit as if it had not been claimed.</summary>
    Task ReleaseAsync(Unit unit, CancellationToken cancel);

    /// <summary>Ends a scan and its units as they are. Returns false if it has ended already or does not exist.</summary>
    Task<bool> CancelAsync(string organization, string scanId, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Ends the remaining units of all scans in one account and completes scans without other units. Returns the number of units.</summary>
    Task<int> CancelAccountAsync(string organization, string accountId, DateTimeOffset now, CancellationToken cancel);

    /// <summary>
    /// Releases units whose lease expired, or lies further in the future than possible (the clock was set back), and updates the heartbeat of scans that wait
    /// for a worker. Scans without a heartbeat for longer than <paramref name="stuckAfter"/>, which nothing can complete, fail as ABANDONED.
    /// </summary>
    Task<SweepResult> SweepAsync(DateTimeOffset now, TimeSpan stuckAfter, CancellationToken cancel);

    /// <summary>
    /// At a start: scans without a heartbeat for longer than <paramref name="stuckAfter"/> fail as ABANDONED, and units of the others are released that a
    /// process left behind: all, if no other process can use the store, otherwise those whose lease expired. Returns how many of each.
    /// </summary>
    Task<(int Abandoned, int Resumed)> RecoverAsync(DateTimeOffset now, TimeSpan stuckAfter, CancellationToken cancel);
}

/// <summary>The progress of a scan in one account and service.</summary>
/// <param name="Units">By status; statuses without units are missing.</param>
/// <param name="Errors">The number of errors.</param>
public sealed record ScanProgress(
    string AccountId, string Service, IReadOnlyDictionary<UnitStatus, int> Units, ScanCounters Counters, int Errors);

/// <summary>The calls of one operation in a scan.</summary>
/// <param name="Operation">With its service, such as <c>s3:GetBucketPolicy</c>.</param>
/// <param name="Denied">Calls that failed because the role lacks a permission.</param>
/// <param name="DeniedIn">Accounts in which calls were denied; a bounded sample.</param>
public sealed record ScanOperation(string Operation, long Calls, long Denied, IReadOnlyList<string> DeniedIn);

public sealed record SweepResult(int Requeued, int Abandoned);
