using System.Globalization;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Compliance;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Compliance;

internal sealed class DynamoComplianceStore(
    DynamoStore store, CounterItems counters, IAccountStore accounts, IPolicyStore policies, ICoverageStore coverage, PairLists pairs) : IComplianceStore
{
    /// <summary>DynamoDB has no number that changes with every write.</summary>
    public long? Version() => null;

    public async Task<ComplianceTotals> ReadTotalsAsync(string organization, AccountSelection accounts, CancellationToken cancel)
    {
        var launched = (await policies.ListAsync(organization, cancel)).ToDictionary(policy => policy.PolicyId);
        var all = await AccountsAsync(organization, cancel);
        var selected = all.Where(a => SelectedAccounts.Includes(accounts, a)).ToList();
        var types = TypesOf(await ReadAsync(organization, accounts, all, selected, CounterGroups.Type, cancel));
        var restricted = selected.Where(a => a.Services is not null).ToList();
        foreach (var account in restricted)
        {
            // What was listed before it ceased to watch the service. Its resources are still evaluated, as out of scope.
            var notWatched = (await counters.ReadAsync(organization, account.AccountId, CounterGroups.Type, cancel))
                .Where(c => c.Name != CounterGroups.Resources && !account.Watches(CounterGroups.PartsOf(c.Group).Second)).ToList();
            foreach (var (type, own) in TypesOf(notWatched))
            {
                var sum = types.GetValueOrDefault(type, TypeTotals.None);
                types[type] = sum with { Unread = sum.Unread - own.Unread, Accounts = sum.Accounts - own.Accounts };
            }
        }

        var wholes = (await AccountsWithErrorsAsync(organization, cancel)).ToHashSet();
        return new ComplianceTotals
        {
            Launched = launched,
            Policies = PoliciesOf(await ReadAsync(organization, accounts, all, selected, CounterGroups.Pairs, cancel), launched),
            Types = types,
            Accounts = selected.Count,
            Restricted = [.. restricted.Select(a => a.Services!)],
            WithoutRegions = selected.Count(a => wholes.Contains(a.AccountId)),
            WithNewRegions = selected.Count(a => a is { LastInventoryAt: not null, Regions: not null } && a.Regions.Except(a.KnownRegions ?? []).Any()),
        };
    }

    public async Task<IReadOnlyList<UnknownPairs>> CountUnknownAsync(
        string organization, AccountSelection accounts, IReadOnlyCollection<PairPolicy> policies, CancellationToken cancel)
    {
        var unknown = new List<(string PolicyId, string Attribute, string Code, long N)>();
        foreach (var account in (await AccountsAsync(organization, cancel)).Where(a => SelectedAccounts.Includes(accounts, a)))
        {
            foreach (var counter in await counters.ReadAsync(organization, account.AccountId, CounterGroups.Verdicts, cancel))
            {
                var name = counter.Name.Split(KeyText.Separator);
                var policy = policies.FirstOrDefault(p => CounterGroups.OfVerdicts(p.Service, p.PolicyId, p.Revision) == counter.Group);
                if (policy is not null && name[0] == Json.Name(Verdict.Unknown) && counter.N > 0)
                {
                    unknown.Add((policy.PolicyId, name[1], name[2], counter.N));
                }
            }
        }

        return
        [
            .. unknown.GroupBy(u => (u.PolicyId, u.Attribute, u.Code))
                .Select(g => new UnknownPairs(
                    g.Key.PolicyId, g.Key.Attribute.Length == 0 ? null : g.Key.Attribute, g.Key.Code, g.Sum(u => u.N), g.Count()))
                .OrderByDescending(u => u.Pairs).ThenBy(u => u.PolicyId, StringComparer.Ordinal).ThenBy(u => u.Attribute ?? "", StringComparer.Ordinal)
                .ThenBy(u => u.ErrorCode, StringComparer.Ordinal),
        ];
    }

    public async Task<IReadOnlyList<UnreadList>> ListUnreadAsync(
        string organization, AccountSelection accounts, IReadOnlyCollection<string> types, int limit, CancellationToken cancel)
    {
        var selected = (await AccountsAsync(organization, cancel)).Where(a => SelectedAccounts.Includes(accounts, a)).Select(a => a.AccountId).ToHashSet();
        return
        [
            .. (await coverage.ListAsync(organization, null, cancel))
                .Where(c => types.Contains(c.Type) && selected.Contains(c.AccountId) && c.Outcome is not (ListOutcome.Complete or ListOutcome.NotAvailable))
                .OrderBy(c => c.Type, StringComparer.Ordinal).ThenBy(c => c.AccountId, StringComparer.Ordinal).ThenBy(c => c.Region, StringComparer.Ordinal)
                .Take(limit).Select(c => new UnreadList(c.Type, c.AccountId, c.Region, c.ErrorCode, c.Message, c.CheckedAt)),
        ];
    }

    public async Task<Page<PolicyPair>> ListPairsAsync(
        string organization, AccountSelection accounts, IReadOnlyList<PairPolicy> policies, PairVerdict? verdict, PageRequest page, CancellationToken cancel)
    {
        var selected = (await AccountsAsync(organization, cancel)).Where(a => SelectedAccounts.Includes(accounts, a)).Select(a => a.AccountId);
        return await pairs.ReadAsync(organization, [.. selected.Order(StringComparer.Ordinal)], policies, verdict, page, cancel);
    }

    public async Task SaveDayAsync(string organization, DateOnly day, IReadOnlyList<RecordedScore> scores, CancellationToken cancel)
    {
        foreach (var score in scores)
        {
            await store.WriteAsync(
                async session =>
                {
                    var key = KeyOf(organization, score with { Day = day });
                    var before = await LastBeforeAsync(organization, score.Framework, score.Subject, score.Section, day, cancel);
                    if (before is not null && Json.Of(before with { Day = day }) == Json.Of(score with { Day = day }))
                    {
                        await session.DeleteAsync(key);
                    }
                    else if (await session.FindAsync<RecordedScore>(key) is not { } stored || Json.Of(stored) != Json.Of(score with { Day = day }))
                    {
                        await session.PutAsync(key, score with { Day = day });
                        session.Before(ItemWrite.Put(Documents.Key(SubjectsOf(organization), score.Subject), new Item()));
                    }
                },
                cancel);
        }
    }

    public async Task<IReadOnlyList<RecordedScore>> ListDaysAsync(
        string organization, string framework, string subject, string? section, DateOnly from, DateOnly to, CancellationToken cancel)
    {
        var during = await store.ListAsync<RecordedScore>(
            new ItemQuery(StoreTables.State, DaysOf(organization, subject))
            {
                From = DayOf(framework, section, from),
                To = DayOf(framework, section, to),
                Strong = true,
            },
            cancel);
        var before = await LastBeforeAsync(organization, framework, subject, section, from, cancel);
        return before is null ? during : [before, .. during];
    }

    public Task<Attestation?> FindAttestationAsync(string organization, string framework, string requirement, CancellationToken cancel) =>
        store.FindAsync<Attestation>(Documents.Key(AttestationsOf(organization, framework), requirement), cancel);

    public async Task<IReadOnlyList<Attestation>> ListAttestationsAsync(string organization, string framework, CancellationToken cancel) =>
        await store.ListAsync<Attestation>(new ItemQuery(StoreTables.State, AttestationsOf(organization, framework)) { Strong = true }, cancel);

    public Task SaveAttestationAsync(string organization, Attestation attestation, CancellationToken cancel) =>
        store.WriteAsync(
            session => session.PutAsync(Documents.Key(AttestationsOf(organization, attestation.Framework), attestation.Requirement), attestation), cancel);

    public Task<bool> DeleteAttestationAsync(string organization, string framework, string requirement, CancellationToken cancel) =>
        store.WriteAsync(session => session.DeleteAsync(Documents.Key(AttestationsOf(organization, framework), requirement)), cancel);

    /// <summary>Accounts whose regions could not be determined.</summary>
    private async Task<IEnumerable<string>> AccountsWithErrorsAsync(string organization, CancellationToken cancel) =>
        (await accounts.ListHealthAsync(organization, null, cancel))
            .Where(h => h is { Service: AccountHealth.Whole, Error: not null }).Select(h => h.AccountId);

    private async Task<RecordedScore?> LastBeforeAsync(
        string organization, string framework, string subject, string? section, DateOnly day, CancellationToken cancel)
    {
        if (day == DateOnly.MinValue)
        {
            return null;
        }

        var page = await store.Calls.QueryAsync(
            new ItemQuery(StoreTables.State, DaysOf(organization, subject))
            {
                From = DayOf(framework, section, null),
                To = DayOf(framework, section, day.AddDays(-1)),
                Descending = true,
                Strong = true,
                Limit = 1,
            },
            cancel);
        return page.Items is [var item] ? await Documents.ReadAsync<RecordedScore>(store.Calls, ItemKey.Of(StoreTables.State, item), item, cancel) : null;
    }

    private async Task<List<Counter>> ReadAsync(
        string organization, AccountSelection accounts, IReadOnlyList<Account> all, List<Account> selected, string groups, CancellationToken cancel)
    {
        if (accounts == AccountSelection.All)
        {
            return await counters.ReadActiveAsync(
                organization, all.Where(a => a.Status != AccountStatus.Active).Select(a => a.AccountId), groups, cancel);
        }

        var sums = new List<Counter>();
        foreach (var account in selected)
        {
            sums.AddRange(await counters.ReadAsync(organization, account.AccountId, groups, cancel));
        }

        return sums;
    }

    private static Dictionary<string, TypeTotals> TypesOf(IReadOnlyCollection<Counter> counts) => counts
        .GroupBy(c => CounterGroups.PartsOf(c.Group).First)
        .ToDictionary(g => g.Key, g => new TypeTotals(
            Of(g, CounterGroups.Resources), (int)Of(g, CounterGroups.Unread), (int)Of(g, CounterGroups.Accounts)));

    private static Dictionary<string, PairCounts> PoliciesOf(IEnumerable<Counter> counts, Dictionary<string, LaunchedPolicy> launched) => counts
        .GroupBy(c => CounterGroups.PartsOf(c.Group))
        .Where(g => launched.TryGetValue(g.Key.First, out var policy) && policy.Status == PolicyStatus.Active
            && g.Key.Second == policy.Revision.ToString(CultureInfo.InvariantCulture))
        .ToDictionary(g => g.Key.First, g => new PairCounts(
            Of(g, PairVerdict.Pass), Of(g, PairVerdict.Fail), Of(g, PairVerdict.Unknown), Of(g, PairVerdict.NotApplicable),
            Of(g, PairVerdict.OutOfScope), Of(g, PairVerdict.Excepted)));

    private Task<IReadOnlyList<Account>> AccountsAsync(string organization, CancellationToken cancel) =>
        accounts.ListAsync(organization, includeRemoved: true, cancel);

    private static long Of(IEnumerable<Counter> counts, PairVerdict verdict) => Of(counts, Json.Name(verdict));

    private static long Of(IEnumerable<Counter> counts, string name) => counts.Where(c => c.Name == name).Sum(c => c.N);

    internal static string DaysOf(string organization, string subject) => KeyText.Join("compliance-days", organization, subject);

    /// <summary>The subjects that have scores.</summary>
    internal static string SubjectsOf(string organization) => KeyText.Join("compliance-subjects", organization);

    internal static ItemKey KeyOf(string organization, RecordedScore score) =>
        Documents.Key(DaysOf(organization, score.Subject), DayOf(score.Framework, score.Section, score.Day));

    private static string DayOf(string framework, string? section, DateOnly? day) =>
        KeyText.Join(framework, section ?? "", day is { } given ? CounterGroups.DayOf(given) : "");

    internal static string AttestationsOf(string organization, string framework) => KeyText.Join("attestations", organization, framework);
}
