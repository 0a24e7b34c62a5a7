using Qrie.Domain.Scans;

namespace Qrie.Dynamo.Scans;

/// <summary>A scan, and what its units need not repeat: a scan that ends early ends its units without writing them.</summary>
/// <param name="StoredUnits">How many units were stored with it.</param>
/// <param name="CancelledAccounts">The accounts whose remaining units were cancelled, with the time.</param>
/// <param name="Rest">The status of the units that had not ended when the scan did; null if it ended with its last unit, or did not end.</param>
internal sealed record ScanRecord(
    Scan Scan, int StoredUnits, IReadOnlyDictionary<string, DateTimeOffset> CancelledAccounts, UnitStatus? Rest = null)
{
    public static ScanRecord Of(Scan scan, int units) => new(scan, units, new Dictionary<string, DateTimeOffset>());

    /// <summary>A unit as it is: one that has not ended by itself may have ended with its scan.</summary>
    public Unit Ended(Unit unit) =>
        unit.Status is not (UnitStatus.Pending or UnitStatus.Running) ? unit
        : CancelledAccounts.TryGetValue(unit.AccountId, out var at) ? unit with { Status = UnitStatus.Cancelled, FinishedAt = at, LeaseUntil = null }
        : Rest is { } rest ? unit with { Status = rest, FinishedAt = Scan.FinishedAt, LeaseUntil = null }
        : unit;

    /// <summary>Whether units of an account may still be claimed, renewed and ended.</summary>
    public bool IsOpen(string accountId) => Scan.FinishedAt is null && !CancelledAccounts.ContainsKey(accountId);
}

/// <summary>What the units of a scan that have ended did, by account and service.</summary>
internal sealed record ProgressRecord(
    string AccountId, string Service, int Total, int Done, int Failed, int Cancelled, Domain.Work.ScanCounters Counters, int Errors)
{
    public int Rest => Total - Done - Failed - Cancelled;

    public ProgressRecord With(Domain.Work.ScanCounters more)
    {
        var sum = new Domain.Work.ScanCounters(Counters.Values);
        sum.Add(more);
        return this with { Counters = sum };
    }

    /// <summary>The units that have not ended, ended so.</summary>
    public ProgressRecord EndRest(UnitStatus status) =>
        status == UnitStatus.Failed ? this with { Failed = Failed + Rest } : this with { Cancelled = Cancelled + Rest };

    public ScanProgress ToProgress(IReadOnlyCollection<Unit> running)
    {
        var counters = With(new Domain.Work.ScanCounters()).Counters;
        foreach (var unit in running)
        {
            counters.Add(unit.Counters);
        }

        var units = new Dictionary<UnitStatus, int>
        {
            [UnitStatus.Pending] = Rest - running.Count,
            [UnitStatus.Running] = running.Count,
            [UnitStatus.Done] = Done,
            [UnitStatus.Failed] = Failed,
            [UnitStatus.Cancelled] = Cancelled,
        };
        return new ScanProgress(AccountId, Service, units.Where(u => u.Value > 0).ToDictionary(), counters, Errors);
    }
}

/// <summary>A running unit, where claims look for what runs.</summary>
/// <param name="Turn">Its place in the queue.</param>
internal sealed record RunningRecord(
    string Organization, string ScanId, ScanKind Kind, string AccountId, string Region, string Service, DateTimeOffset LeaseUntil, string Turn)
{
    /// <summary>Whether both would read the same.</summary>
    public bool IsAt(Unit unit) =>
        (Organization, Kind, AccountId, Region, Service) == (unit.Organization, unit.Kind, unit.AccountId, unit.Region, unit.Service);

    public bool IsOf(Unit unit) => ScanId == unit.ScanId && IsAt(unit);
}
