using Qrie.Domain;
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
    private const int ScanPage = 50;

    /// <summary>Scans that began earlier end before: lists of scans are in the order of their creation.</summary>
    private static readonly TimeSpan s_longestScan = TimeSpan.FromDays(1);

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
            var (inventory, policyScan) =
                (await scans.FindLastFullAsync(organization, ScanKind.Inventory, cancel), await scans.FindLastFullAsync(organization, ScanKind.Policy, cancel));
            state = state with
            {
                Accounts = state.Accounts + (await accounts.ListAsync(organization, includeRemoved: false, cancel)).Count,
                OverdueScans = state.OverdueScans + AddAge(ages, ScanKind.Inventory, inventory, limits.InventoryMaxAge)
                    + AddAge(ages, ScanKind.Policy, policyScan, limits.PolicyScanMaxAge),
                UnreportedChanges = state.UnreportedChanges + (inventory is null ? 0
                    : (await drift.CountByAccountAsync(organization, inventory.ScanId, cancel)).Sum(a => a.Created + a.Changed + a.Deleted)),
                DeadEvents = state.DeadEvents + await events.CountDeadAsync(organization, cancel),
                FailedScans = state.FailedScans + await CountFailedAsync(organization, since, cancel),
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

    /// <summary>Keeps the greatest age. Returns 1 if the last scan is too old.</summary>
    private int AddAge(Dictionary<ScanKind, TimeSpan> ages, ScanKind kind, Scan? last, TimeSpan limit)
    {
        var age = ScanAge.Of(last, clock.GetUtcNow(), limit);
        if (age.Age is { } known)
        {
            ages[kind] = known > ages.GetValueOrDefault(kind, TimeSpan.MinValue) ? known : ages[kind]; // it may be zero
        }

        return age.IsTooOld ? 1 : 0;
    }

    private async Task<int> CountFailedAsync(string organization, DateTimeOffset since, CancellationToken cancel)
    {
        var failed = 0;
        for (var page = new PageRequest(ScanPage); ;)
        {
            var list = await scans.ListAsync(organization, page, cancel);
            failed += list.Items.Count(s => s.FinishedAt >= since && s.Status is ScanStatus.Failed or ScanStatus.CompletedWithErrors);
            if (list.Next is not { } next || list.Items[^1].CreatedAt < since - s_longestScan)
            {
                return failed;
            }

            page = page with { After = next };
        }
    }
}
