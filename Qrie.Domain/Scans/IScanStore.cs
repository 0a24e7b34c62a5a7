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
    Task<IReadOnlyList<Unit>> ListUnitsAsync(string organization, string scanId, CancellationToken cancel);

    /// <summary>
    /// Takes the next unit that nobody holds: pending or with an expired lease, manual scans before scheduled ones, oldest first, never beside a
    /// running unit of the same kind, account, region and service. Null: there is none now.
    /// </summary>
    Task<Unit?> ClaimNextAsync(string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancel);

    /// <summary>Holds a unit longer and gives its scan a heartbeat. False: it is somebody else's by now, or ended.</summary>
    Task<bool> RenewAsync(Unit unit, DateTimeOffset now, TimeSpan lease, CancellationToken cancel);

    /// <summary>
    /// Ends a unit and counts it into its scan; the last one finishes the scan. False: it was not this claimant's any more, nothing was changed.
    /// </summary>
    Task<bool> EndAsync(Unit unit, UnitStatus status, UnitResult result, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Gives a unit back unfinished.</summary>
    Task ReleaseAsync(Unit unit, CancellationToken cancel);

    /// <summary>
    /// After a restart of the only process: scans without a heartbeat for longer than <paramref name="stuckAfter"/> fail as ABANDONED, the units
    /// of the others are free again. Answers how many of each.
    /// </summary>
    Task<(int Abandoned, int Resumed)> RecoverAsync(DateTimeOffset now, TimeSpan stuckAfter, CancellationToken cancel);
}
