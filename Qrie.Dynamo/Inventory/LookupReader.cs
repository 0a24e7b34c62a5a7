using Qrie.Domain.Accounts;
using Qrie.Domain.Inventory;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Inventory;

/// <summary>Finds resources by their keys, and determines whether an empty result is reliable.</summary>
internal sealed class LookupReader(DynamoStore store, ResourceReader reader, CounterItems counters, IAccountStore accounts)
{
    public async Task<LookupResult> AnswerAsync(string organization, Lookup lookup, CancellationToken cancel)
    {
        var (rows, covered) = await FindAsync(organization, lookup, cancel);
        var found = await reader.WithConfigurationsAsync(rows, cancel);
        return new LookupResult([.. found.Select(r => new FoundResource(r.AccountService, r.Arn, r.Hash, r.Configuration!.Value))], covered);
    }

    /// <summary>Whether all lookups would still return the same.</summary>
    public async Task<bool> StillHoldAsync(string organization, IReadOnlyList<LookupDependency> dependencies, CancellationToken cancel)
    {
        foreach (var (lookup, fingerprint) in dependencies)
        {
            var (rows, covered) = await FindAsync(organization, lookup, cancel);
            if (LookupResult.FingerprintOf(rows.Select(r => (r.AccountServiceName, r.ArnText, r.HashText)), covered) != fingerprint)
            {
                return false;
            }
        }

        return true;
    }

    private async Task<(List<ResourceItem> Rows, bool Covered)> FindAsync(string organization, Lookup lookup, CancellationToken cancel)
    {
        var all = await accounts.ListAsync(organization, includeRemoved: true, cancel);
        var searched = all.Where(a => a.Status == AccountStatus.Active && (lookup.AccountId is null || a.AccountId == lookup.AccountId))
            .ToDictionary(a => a.AccountId);
        var rows = (await WithKeyAsync(organization, lookup, lookup.Value, cancel))
            .Where(r => searched.TryGetValue(AccountOf(r), out var account) && account.Watches(ServiceOf(r)))
            .OrderBy(r => r.AccountServiceName, StringComparer.Ordinal).ThenBy(r => r.ArnText, CodePoints.Order).ToList();
        var unreadable = (await WithKeyAsync(organization, lookup, null, cancel)).Select(AccountOf);
        return (rows, !unreadable.Any(searched.ContainsKey) && await IsListedAsync(organization, lookup, all, searched.Values, cancel));
    }

    /// <summary>
    /// Whether every account has at least one list of the type and watches its service, and all lists are complete or of a region that does not offer it: from
    /// the counts that are kept with each list.
    /// </summary>
    private async Task<bool> IsListedAsync(
        string organization, Lookup lookup, IReadOnlyList<Account> all, Dictionary<string, Account>.ValueCollection searched, CancellationToken cancel)
    {
        if (searched.Count == 0)
        {
            return true;
        }

        var ofType = CounterGroups.OfType(lookup.Type, "");
        var counts = lookup.AccountId is { } accountId
            ? await counters.ReadAsync(organization, accountId, ofType, cancel)
            : await counters.ReadActiveAsync(organization, all.Where(a => a.Status != AccountStatus.Active).Select(a => a.AccountId), ofType, cancel);
        return counts.Count > 0
            && counts.Where(c => c.Name == CounterGroups.Unread).Sum(c => c.N) == 0
            && counts.Where(c => c.Name == CounterGroups.Accounts).Sum(c => c.N) == searched.Count
            && counts.Select(c => CounterGroups.PartsOf(c.Group).Second).Distinct().All(service => searched.All(a => a.Watches(service)));
    }

    private async Task<List<ResourceItem>> WithKeyAsync(string organization, Lookup lookup, string? value, CancellationToken cancel)
    {
        var found = await store.ListAsync(
            LookupItems.Query(LookupItems.ResourcesOf(organization, lookup.Type, lookup.Key, value)), cancel);
        return
        [
            .. (await reader.FindAllAsync(organization, found.Select(LookupItems.ResourceOf), cancel))
                .Where(r => r.IsAlive && r.TypeText == lookup.Type && r.LookupKeys.Any(k => k.Key == lookup.Key && (k.Value ?? "") == (value ?? ""))),
        ];
    }

    private static string AccountOf(ResourceItem row) => Domain.AccountService.Split(row.AccountServiceName).AccountId;

    private static string ServiceOf(ResourceItem row) => Domain.AccountService.Split(row.AccountServiceName).Service;
}
