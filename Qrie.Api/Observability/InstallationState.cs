using Qrie.Domain.Access;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Compliance;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;

namespace Qrie.Api.Observability;

/// <summary>What is measured of the installation: all organizations together, without their names and accounts.</summary>
internal sealed record InstallationState
{
    public static readonly InstallationState Empty = new();

    public IReadOnlyDictionary<(FindingState State, SeverityBand Band), long> Findings { get; init; } =
        new Dictionary<(FindingState, SeverityBand), long>();

    /// <summary>Pairs of a resource and an active policy, by their current verdict.</summary>
    public IReadOnlyDictionary<Verdict, long> Verdicts { get; init; } = new Dictionary<Verdict, long>();

    public long Accounts { get; init; }

    /// <summary>Since the last complete scan over everything, of the organization where it is longest ago. Kinds without one are missing.</summary>
    public IReadOnlyDictionary<ScanKind, TimeSpan> ScanAges { get; init; } = new Dictionary<ScanKind, TimeSpan>();

    /// <summary>Kinds and organizations whose last complete scan is older than its limit (<c>Drift:…</c>).</summary>
    public int OverdueScans { get; init; }

    /// <summary>Changes that the last anti-entropy inventories found and no event had reported.</summary>
    public long UnreportedChanges { get; init; }

    /// <summary>Dead letters that the store keeps.</summary>
    public long DeadEvents { get; init; }

    /// <summary>Scans that ended since the given time and failed, or had failed units.</summary>
    public int FailedScans { get; init; }

    /// <summary>The share of unknown verdicts among those that count, 0 to 1.</summary>
    public double UnknownShare
    {
        get
        {
            var unknown = Verdicts.GetValueOrDefault(Verdict.Unknown);
            var decided = Verdicts.GetValueOrDefault(Verdict.Pass) + Verdicts.GetValueOrDefault(Verdict.Fail) + unknown;
            return decided == 0 ? 0 : (double)unknown / decided;
        }
    }
}

/// <summary>Reads the state from counts that are maintained with every write: the cost depends on the number of policies.</summary>
internal sealed class StateReader(
    IOrganizationStore organizations, ISummaryStore summaries, IComplianceStore compliance, IAccountStore accounts, IScanStore scans, IDriftStore drift,
    IEventStore events, DriftLimits limits, TimeProvider clock)
{
    /// <summary>More scans than end in a few minutes.</summary>
    private const int ScansLookedAt = 50;

    /// <param name="since">For failed scans.</param>
    public async Task<InstallationState> ReadAsync(DateTimeOffset since, CancellationToken cancel)
    {
        var (findings, verdicts) = (new Dictionary<(FindingState State, SeverityBand Band), long>(), new Dictionary<Verdict, long>());
        var ages = new Dictionary<ScanKind, TimeSpan>();
        var state = InstallationState.Empty;
        foreach (var (organization, _, _) in await organizations.ListAsync(cancel))
        {
            foreach (var count in await summaries.CountFindingsAsync(organization, null, cancel))
            {
                findings[(count.State, count.Band)] = findings.GetValueOrDefault((count.State, count.Band)) + count.N;
            }

            await AddVerdictsAsync(organization, verdicts, cancel);
            state = state with
            {
                Accounts = state.Accounts + (await accounts.ListAsync(organization, includeRemoved: false, cancel)).Count,
                OverdueScans = state.OverdueScans + await AddAgesAsync(organization, ages, cancel),
                UnreportedChanges = state.UnreportedChanges + await CountUnreportedAsync(organization, cancel),
                DeadEvents = state.DeadEvents + await events.CountDeadAsync(organization, cancel),
                FailedScans = state.FailedScans + (await scans.ListAsync(organization, new Domain.PageRequest(ScansLookedAt), cancel)).Items
                    .Count(s => s.FinishedAt >= since && s.Status is ScanStatus.Failed or ScanStatus.CompletedWithErrors),
            };
        }

        return state with { Findings = findings, Verdicts = verdicts, ScanAges = ages };
    }

    private async Task AddVerdictsAsync(string organization, Dictionary<Verdict, long> verdicts, CancellationToken cancel)
    {
        var totals = (await compliance.ReadTotalsAsync(organization, AccountSelection.All, cancel)).Policies.Values;
        foreach (var (verdict, n) in totals.SelectMany(p => new[]
        {
            (Verdict.Pass, p.Passed), (Verdict.Fail, p.Failed + p.Excepted), (Verdict.Unknown, p.Unknown), (Verdict.NotApplicable, p.NotApplicable),
        }))
        {
            verdicts[verdict] = verdicts.GetValueOrDefault(verdict) + n;
        }
    }

    /// <summary>Returns how many are too old.</summary>
    private async Task<int> AddAgesAsync(string organization, Dictionary<ScanKind, TimeSpan> ages, CancellationToken cancel)
    {
        var overdue = 0;
        foreach (var (kind, limit) in ((ScanKind, TimeSpan)[])[(ScanKind.Inventory, limits.InventoryMaxAge), (ScanKind.Policy, limits.PolicyScanMaxAge)])
        {
            var age = ScanAge.Of(await scans.FindLastFullAsync(organization, kind, cancel), clock.GetUtcNow(), limit);
            overdue += age.IsTooOld ? 1 : 0;
            if (age.Age is { } known)
            {
                ages[kind] = known > ages.GetValueOrDefault(kind, TimeSpan.MinValue) ? known : ages[kind]; // it may be zero
            }
        }

        return overdue;
    }

    private async Task<long> CountUnreportedAsync(string organization, CancellationToken cancel) =>
        await scans.FindLastFullAsync(organization, ScanKind.Inventory, cancel) is { } last
            ? (await drift.CountByAccountAsync(organization, last.ScanId, cancel)).Sum(a => a.Created + a.Changed + a.Deleted)
            : 0;
}
