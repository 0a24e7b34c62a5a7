using Qrie.Domain.Accounts;
using Qrie.Domain.Inventory;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Inventory;

/// <summary>Finds resources by their keys, and determines whether an empty result is reliable.</summary>
internal sealed class LookupReader(DynamoStore store, ResourceReader reader, ICoverageStore coverage, IAccountStore accounts)
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

    /// <summary>
    /// Covered: every account has at least one list of the type if it is watched, all lists are complete or of a region that does not offer it, and no key is
    /// unreadable.
    /// </summary>
    private async Task<(List<ResourceItem> Rows, bool Covered)> FindAsync(string organization, Lookup lookup, CancellationToken cancel)
    {
        var searched = (await accounts.ListAsync(organization, includeRemoved: false, cancel))
            .Where(a => lookup.AccountId is null || a.AccountId == lookup.AccountId).ToDictionary(a => a.AccountId);
        var rows = (await WithKeyAsync(organization, lookup, lookup.Value, cancel))
            .Where(r => searched.TryGetValue(AccountOf(r), out var account) && account.Watches(ServiceOf(r)))
            .OrderBy(r => r.AccountServiceName, StringComparer.Ordinal).ThenBy(r => r.ArnText, StringComparer.Ordinal).ToList();
        var unreadable = (await WithKeyAsync(organization, lookup, null, cancel)).Select(AccountOf).ToHashSet();
        var lists = (await coverage.ListAsync(organization, lookup.AccountId, cancel)).Where(c => c.Type == lookup.Type).ToLookup(c => c.AccountId);
        return (rows, searched.Values.All(account => !unreadable.Contains(account.AccountId)
            && lists[account.AccountId].Any(c => account.Watches(c.Service))
            && lists[account.AccountId].All(c => c.Outcome is ListOutcome.Complete or ListOutcome.NotAvailable)));
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
