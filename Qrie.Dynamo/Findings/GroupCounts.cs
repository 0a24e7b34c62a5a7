using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Items;

namespace Qrie.Dynamo.Findings;

/// <summary>Findings by policy and account from the counters, however many there are, if the filter uses only what they count.</summary>
internal sealed class GroupCounts(CounterItems counters, IAccountStore accounts)
{
    /// <summary>Null if the filter names something else.</summary>
    public async Task<IReadOnlyList<FindingGroup>?> FindAsync(
        string organization, FindingFilter filter, FindingGrouping by, CancellationToken cancel)
    {
        if (by == FindingGrouping.Resource || !IsCounted(filter))
        {
            return null;
        }

        var all = await accounts.ListAsync(organization, includeRemoved: true, cancel);
        var wanted = all.Where(a => filter.IncludeRemoved || a.Status == AccountStatus.Active)
            .Where(a => filter.AccountId is null || a.AccountId == filter.AccountId).ToList();
        var groups = new List<FindingGroup>();
        if (by == FindingGrouping.Policy)
        {
            var counts = filter.AccountId is null
                ? await OfAllAsync(organization, all, filter.IncludeRemoved, cancel)
                : await OfAccountsAsync(organization, wanted, cancel);
            groups.AddRange(counts.Where(c => Matches(c, filter)).GroupBy(PolicyOf).Select(g => GroupOf(g.Key, g)));
        }
        else
        {
            foreach (var account in wanted)
            {
                groups.Add(GroupOf(account.AccountId, (await OfAccountsAsync(organization, [account], cancel)).Where(c => Matches(c, filter))));
            }
        }

        return [.. groups.Where(g => g.Total > 0)];
    }

    private Task<List<Counter>> OfAllAsync(string organization, IReadOnlyList<Account> all, bool includeRemoved, CancellationToken cancel) => includeRemoved
        ? counters.ReadAsync(organization, CounterItems.AllAccounts, CounterGroups.Policy, cancel)
        : counters.ReadActiveAsync(
            organization, all.Where(a => a.Status != AccountStatus.Active).Select(a => a.AccountId), CounterGroups.Policy, cancel);

    private async Task<List<Counter>> OfAccountsAsync(string organization, IEnumerable<Account> some, CancellationToken cancel)
    {
        var counts = new List<Counter>();
        foreach (var account in some)
        {
            counts.AddRange(await counters.ReadAsync(organization, account.AccountId, CounterGroups.Policy, cancel));
        }

        return counts;
    }

    private static bool IsCounted(FindingFilter filter) => filter is
    {
        Service: null, SeverityFrom: null, SeverityTo: null, Region: null, Type: null, ArnPrefix: null or "", FirstSeenFrom: null, FirstSeenTo: null,
        Text: null, Workflow: null, Assignee: null, Overdue: null,
    };

    private static bool Matches(Counter counter, FindingFilter filter)
    {
        var state = Json.Parse<FindingState>(CounterGroups.PartsOf(counter.Name).Second);
        return (filter.State is null || filter.State == state) && !(filter.WithoutSuppressed && state == FindingState.Suppressed)
            && (filter.PolicyId is null || filter.PolicyId == PolicyOf(counter)) && filter.PolicyIds?.Contains(PolicyOf(counter)) != false;
    }

    private static FindingGroup GroupOf(string key, IEnumerable<Counter> counts)
    {
        var byBand = counts.GroupBy(c => Json.Parse<SeverityBand>(CounterGroups.PartsOf(c.Name).First)).ToDictionary(g => g.Key, g => g.Sum(c => c.N));
        return new FindingGroup(
            key, null, null, byBand.GetValueOrDefault(SeverityBand.Critical), byBand.GetValueOrDefault(SeverityBand.High),
            byBand.GetValueOrDefault(SeverityBand.Medium), byBand.GetValueOrDefault(SeverityBand.Low));
    }

    private static string PolicyOf(Counter counter) => counter.Group[CounterGroups.Policy.Length..];
}
