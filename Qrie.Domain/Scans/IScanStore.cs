using Qrie.Domain.Work;

namespace Qrie.Domain.Scans;

/// <summary>Keeps scans and their units. The unit row is the truth; whatever wakes a worker is only a hint.</summary>
public interface IScanStore
{
    /// <summary>Stores a scan with its units. False: a scan of that organization, kind and scheduled time exists already.</summary>
    Task<bool> CreateAsync(Scan scan, IReadOnlyList<Unit> units, CancellationToken cancel);

    Task<Scan?> FindAsync(string organization, string scanId, CancellationToken cancel);

    /// <summary>Newest first.</summary>
    Task<Page<Scan>> ListAsync(string organization, PageRequest page, CancellationToken cancel);

    /// <summary>Ordered by account, region, service.</summary>
    Task<Page<Unit>> ListUnitsAsync(string organization, string scanId, PageRequest page, CancellationToken cancel);

    /// <summary>What a scan has done so far, running units included; ordered by account, service.</summary>
    Task<IReadOnlyList<ScanProgress>> ReadProgressAsync(string organization, string scanId, CancellationToken cancel);

    /// <summary>What the units of a scan that have ended called at AWS; ordered by operation.</summary>
    Task<IReadOnlyList<ScanOperation>> ReadOperationsAsync(string organization, string scanId, CancellationToken cancel);

    /// <summary>The last complete anti-entropy scan over everything: what drift is measured by. Null: there never was one.</summary>
    Task<Scan?> FindLastFullAsync(string organization, ScanKind kind, CancellationToken cancel);

    /// <summary>The latest time that a scheduled scan was started for. Null: there never was one.</summary>
    Task<DateTimeOffset?> FindLastScheduledAsync(string organization, ScanKind kind, CancellationToken cancel);

    /// <summary>Whether a scan that evaluates by a policy in all accounts was begun, at that time or later; however it ended.</summary>
    Task<bool> HasPolicyScanAsync(string organization, string policyId, string service, DateTimeOffset since, CancellationToken cancel);

    /// <summary>
    /// Takes the next unit that nobody holds: pending or with an expired lease, manual scans before scheduled ones, oldest first, accounts
    /// in turn; never beside a running unit of the same kind, account, region and service, and never more than
    /// <paramref name="perAccount"/> of one account. Null: there is none now.
    /// </summary>
    Task<Unit?> ClaimNextAsync(string owner, DateTimeOffset now, TimeSpan lease, int perAccount, CancellationToken cancel);

    /// <summary>
    /// Holds a unit longer, notes what it has done so far, and gives its scan a heartbeat. False: it is somebody else's by now, or ended.
    /// </summary>
    Task<bool> RenewAsync(Unit unit, UnitResult soFar, DateTimeOffset now, TimeSpan lease, CancellationToken cancel);

    /// <summary>
    /// Ends a unit and counts it into its scan; the last one finishes the scan. False: it was not this claimant's any more, nothing was changed.
    /// </summary>
    Task<bool> EndAsync(Unit unit, UnitStatus status, UnitResult result, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Gives a unit back unfinished, as if it had not been taken.</summary>
    Task ReleaseAsync(Unit unit, CancellationToken cancel);

    /// <summary>Ends a scan and its units where they are. False: it has ended already, or there is none.</summary>
    Task<bool> CancelAsync(string organization, string scanId, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Ends what scans have not yet done in one account; a scan of which nothing else was left finishes. Answers how many units that were.</summary>
    Task<int> CancelAccountAsync(string organization, string accountId, DateTimeOffset now, CancellationToken cancel);

    /// <summary>
    /// Frees units whose lease ran out, or lies further ahead than any can (the clock was set back), and gives the scans that wait for a worker a heartbeat:
    /// this process works. Scans that nothing can finish any more, having had no heartbeat for longer than <paramref name="stuckAfter"/>, fail as ABANDONED.
    /// </summary>
    Task<SweepResult> SweepAsync(DateTimeOffset now, TimeSpan stuckAfter, CancellationToken cancel);

    /// <summary>
    /// After a restart of the only process: scans without a heartbeat for longer than <paramref name="stuckAfter"/> fail as ABANDONED, the units
    /// of the others are free again. Answers how many of each.
    /// </summary>
    Task<(int Abandoned, int Resumed)> RecoverAsync(DateTimeOffset now, TimeSpan stuckAfter, CancellationToken cancel);
}

/// <summary>What a scan has done in one account and service.</summary>
/// <param name="Units">By status; statuses without units are missing.</param>
/// <param name="Errors">What could not be read or done.</param>
public sealed record ScanProgress(
    string AccountId, string Service, IReadOnlyDictionary<UnitStatus, int> Units, ScanCounters Counters, int Errors);

/// <summary>The calls of one operation in a scan.</summary>
/// <param name="Operation">With its service, <c>s3:GetBucketPolicy</c>.</param>
/// <param name="Denied">Calls by which AWS said that the role may not.</param>
/// <param name="DeniedIn">Accounts in which that was said, as far as they are kept.</param>
public sealed record ScanOperation(string Operation, long Calls, long Denied, IReadOnlyList<string> DeniedIn);

public sealed record SweepResult(int Requeued, int Abandoned);
