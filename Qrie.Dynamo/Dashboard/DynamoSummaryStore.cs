using System.Globalization;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Findings;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Dashboard;

/// <summary>Reads the counters: those of all accounts, less those of removed ones.</summary>
internal sealed class DynamoSummaryStore(
    DynamoStore store, CounterItems counters, IAccountStore accounts, IPolicyStore policies, IFindingStore findings, IScanStore scans) : ISummaryStore
{
    public async Task<IReadOnlyList<FindingCount>> CountFindingsAsync(string organization, string? accountId, CancellationToken cancel) =>
        await FindingsAsync(organization, accountId, await AccountsAsync(organization, cancel), cancel);

    public async Task<ResourceCounts> CountResourcesAsync(string organization, string? accountId, CancellationToken cancel) =>
        await ResourcesAsync(organization, accountId, await AccountsAsync(organization, cancel), cancel);

    public async Task<IReadOnlyDictionary<Verdict, long>> CountVerdictsAsync(string organization, string? accountId, CancellationToken cancel) =>
        (await findings.CountVerdictsAsync(organization, accountId, cancel)).GroupBy(c => c.Verdict).ToDictionary(g => g.Key, g => g.Sum(c => c.Resources));

    public async Task<DashboardCounts> ReadDashboardAsync(string organization, DateOnly since, DateOnly month, CancellationToken cancel)
    {
        var all = await AccountsAsync(organization, cancel);
        var active = (await policies.ListAsync(organization, cancel)).Where(p => p.Status == PolicyStatus.Active).ToList();
        var changes = (await ReadAsync(organization, null, all, CounterGroups.History, cancel)).Select(PeriodOf)
            .Where(c => c.Count.Period >= (c.Count.Change == FindingChange.Resolved ? month : since));
        return new DashboardCounts(
            await ResourcesAsync(organization, null, all, cancel), SumOf(changes.Select(c => c.Count)),
            new PolicyCounts(active.Count, active.Count(p => p.CreatedAt >= new DateTimeOffset(month, TimeOnly.MinValue, TimeSpan.Zero))),
            await scans.FindLastFullAsync(organization, ScanKind.Inventory, cancel), await scans.FindLastFullAsync(organization, ScanKind.Policy, cancel),
            [.. all.Where(a => a is { Status: AccountStatus.Active, LastInventoryAt: null }).Select(a => a.AccountId)]);
    }

    public async Task<PolicyHistory> ReadPolicyHistoryAsync(string organization, string policyId, DateOnly since, CancellationToken cancel)
    {
        var all = await AccountsAsync(organization, cancel);
        var states = (await FindingsAsync(organization, null, all, cancel)).Where(c => c.PolicyId == policyId).ToList();
        var changes = (await ReadAsync(organization, null, all, CounterGroups.History, cancel)).Select(PeriodOf)
            .Where(c => c.PolicyId == policyId && c.Count.Period >= since && c.Count.Change != FindingChange.Resolved);
        return new PolicyHistory(
            states.Sum(c => c.N), states.Where(c => c.State == FindingState.Active).Sum(c => c.N), SumOf(changes.Select(c => c.Count)));
    }

    public async Task<IReadOnlyList<TriageCounts>> CountTriageAsync(
        string organization, OverdueFilter overdue, DateOnly since, CancellationToken cancel)
    {
        var all = await AccountsAsync(organization, cancel);
        var open = await ReadAsync(organization, null, all, CounterGroups.Open, cancel);
        var resolved = await ReadAsync(organization, null, all, CounterGroups.Resolved, cancel);
        return
        [
            .. Enum.GetValues<SeverityBand>().OrderDescending().Select(band =>
            {
                var (name, opened) = (Json.Name(band), overdue.Settings.OpenedBefore(band, overdue.Today));
                var late = open.Where(c => CounterGroups.PartsOf(c.Name).Second == name
                    && DayOf(c) < (CounterGroups.PartsOf(c.Name).First == CounterGroups.Due ? overdue.Today : opened)).Sum(c => c.N);
                var own = resolved.Where(c => CounterGroups.PartsOf(c.Name).First == name && DayOf(c) >= since).ToList();
                return new TriageCounts(
                    band, late, own.Where(c => CounterGroups.PartsOf(c.Name).Second == CounterGroups.N).Sum(c => c.N),
                    own.Where(c => CounterGroups.PartsOf(c.Name).Second == CounterGroups.Seconds).Sum(c => c.N));
            }),
        ];
    }

    public async Task<IReadOnlyDictionary<string, int>> FindFirstSeveritiesAsync(
        string organization, IReadOnlyCollection<string> policyIds, CancellationToken cancel)
    {
        var severities = new Dictionary<string, int>();
        foreach (var policyId in policyIds)
        {
            var first = new List<Finding>();
            foreach (var state in Enum.GetValues<FindingState>())
            {
                var oldest = await store.Calls.QueryAsync(
                    new ItemQuery(StoreTables.Findings, FindingItems.OfPolicy(organization, policyId, state))
                    {
                        Index = StoreTables.Findings.Index("ByPolicy"),
                        Descending = true,
                        Limit = 1,
                    },
                    cancel);
                first.AddRange(oldest.Items.Select(item => FindingItems.ToFinding(organization, item)));
            }

            if (first.Count > 0)
            {
                severities[policyId] = first.MinBy(f => f.FirstSeen)!.Severity;
            }
        }

        return severities;
    }

    private Task<IReadOnlyList<Account>> AccountsAsync(string organization, CancellationToken cancel) =>
        accounts.ListAsync(organization, includeRemoved: true, cancel);

    private async Task<ResourceCounts> ResourcesAsync(
        string organization, string? accountId, IReadOnlyList<Account> all, CancellationToken cancel)
    {
        var services = (await ReadAsync(organization, accountId, all, CounterGroups.Service, cancel)).GroupBy(c => c.Group[CounterGroups.Service.Length..])
            .Select(g => new ServiceCount(g.Key, Of(g, CounterGroups.Resources), Of(g, CounterGroups.NonCompliant)))
            .Where(s => s.Alive != 0).OrderBy(s => s.Service, StringComparer.Ordinal).ToList();
        var withResources = 0;
        foreach (var account in all.Where(a => a.Status == AccountStatus.Active && (accountId is null || a.AccountId == accountId)))
        {
            withResources += (await counters.ReadAsync(organization, account.AccountId, CounterGroups.Service, cancel))
                .Any(c => c is { Name: CounterGroups.Resources, N: > 0 }) ? 1 : 0;
        }

        return new ResourceCounts(services, withResources, await FindingsAsync(organization, accountId, all, cancel));
    }

    private async Task<IReadOnlyList<FindingCount>> FindingsAsync(
        string organization, string? accountId, IReadOnlyList<Account> all, CancellationToken cancel) =>
    [
        .. (await ReadAsync(organization, accountId, all, CounterGroups.Policy, cancel)).Select(c =>
        {
            var (band, state) = CounterGroups.PartsOf(c.Name);
            return new FindingCount(c.Group[CounterGroups.Policy.Length..], Json.Parse<SeverityBand>(band), Json.Parse<FindingState>(state), c.N);
        }),
    ];

    /// <summary>Of one account, or of all that are active.</summary>
    private async Task<List<Counter>> ReadAsync(
        string organization, string? accountId, IReadOnlyList<Account> all, string groups, CancellationToken cancel) =>
        accountId is null
            ? await counters.ReadActiveAsync(organization, all.Where(a => a.Status != AccountStatus.Active).Select(a => a.AccountId), groups, cancel)
            : all.Any(a => a.AccountId == accountId && a.Status == AccountStatus.Active) ? await counters.ReadAsync(organization, accountId, groups, cancel)
            : [];

    private static (string PolicyId, PeriodCount Count) PeriodOf(Counter counter)
    {
        var (period, policyId) = CounterGroups.PartsOf(counter.Group);
        return (
            policyId,
            new PeriodCount(Json.Parse<FindingChange>(counter.Name), DateOnly.ParseExact(period, "yyyy-MM-dd", CultureInfo.InvariantCulture), counter.N));
    }

    private static DateOnly DayOf(Counter counter) =>
        DateOnly.ParseExact(CounterGroups.PartsOf(counter.Group).Second, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static IReadOnlyList<PeriodCount> SumOf(IEnumerable<PeriodCount> counts) =>
    [
        .. counts.GroupBy(c => (c.Change, c.Period)).Select(g => new PeriodCount(g.Key.Change, g.Key.Period, g.Sum(c => c.N))).Where(c => c.N != 0),
    ];

    private static long Of(IEnumerable<Counter> counts, string name) => counts.Where(c => c.Name == name).Sum(c => c.N);
}
