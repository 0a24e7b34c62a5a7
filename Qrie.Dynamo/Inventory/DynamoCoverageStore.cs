using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Dynamo.Accounts;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Inventory;

internal sealed class DynamoCoverageStore(DynamoStore store, CounterItems counters) : ICoverageStore
{
    public Task RecordAsync(string organization, Coverage coverage, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                var key = KeyOf(organization, coverage.AccountId, coverage.Region, coverage.Type);
                var before = await session.FindAsync<Coverage>(key);
                var lastSuccess = before?.LastSuccessAt > coverage.LastSuccessAt ? before.LastSuccessAt : coverage.LastSuccessAt ?? before?.LastSuccessAt;
                if (before?.CheckedAt > coverage.CheckedAt)
                {
                    await session.PutAsync(key, before with { LastSuccessAt = lastSuccess });
                    return;
                }

                await session.PutAsync(key, coverage with { LastSuccessAt = lastSuccess });
                await HealthItems.CountAsync(session, organization, coverage, before?.Outcome);
                await CountTypeAsync(session, organization, coverage, before?.Outcome);
            },
            cancel);

    public async Task<IReadOnlyList<Coverage>> ListAsync(string organization, string? accountId, CancellationToken cancel)
    {
        var active = await ActiveAsync(organization, cancel);
        var all = await store.ListAsync<Coverage>(
            new ItemQuery(StoreTables.State, PartitionOf(organization)) { Prefix = accountId is null ? null : KeyText.Join(accountId, ""), Strong = true },
            cancel);
        return
        [
            .. all.Where(c => active.Contains(c.AccountId))
                .OrderBy(c => c.AccountId, StringComparer.Ordinal).ThenBy(c => c.Service, StringComparer.Ordinal)
                .ThenBy(c => c.Type, StringComparer.Ordinal).ThenBy(c => c.Region, StringComparer.Ordinal),
        ];
    }

    public Task<Coverage?> FindAsync(string organization, string accountId, string region, string type, CancellationToken cancel) =>
        store.FindAsync<Coverage>(KeyOf(organization, accountId, region, type), cancel);

    public async Task<IReadOnlyList<UnknownAttributeCount>> CountUnknownAttributesAsync(string organization, string? accountId, CancellationToken cancel)
    {
        var active = await ActiveAsync(organization, cancel);
        var counts = new List<UnknownAttributeCount>();
        foreach (var account in accountId is null ? active : active.Where(a => a == accountId))
        {
            foreach (var counter in await counters.ReadAsync(organization, account, CounterGroups.Unknown, cancel))
            {
                var (service, type) = CounterGroups.PartsOf(counter.Group);
                var (attribute, code) = CounterGroups.PartsOf(counter.Name);
                counts.Add(new UnknownAttributeCount(account, service, type, attribute, code, counter.N));
            }
        }

        return
        [
            .. counts.Where(c => c.Resources > 0).OrderByDescending(c => c.Resources)
                .ThenBy(c => AccountService.Of(c.AccountId, c.Service), StringComparer.Ordinal).ThenBy(c => c.Type, StringComparer.Ordinal)
                .ThenBy(c => c.Attribute, StringComparer.Ordinal).ThenBy(c => c.ErrorCode, StringComparer.Ordinal),
        ];
    }

    /// <summary>Whether the account has the type at all, and how many of its lists could not be read.</summary>
    private async Task CountTypeAsync(WriteSession session, string organization, Coverage list, ListOutcome? before)
    {
        var group = CounterGroups.OfType(list.Type, list.Service);
        var known = before is not null
            || (await session.GetAsync(counters.KeysOf(organization, list.AccountId, group)[0]))?.Number(CounterGroups.Accounts) is > 0;
        var unread = (IsUnread(list.Outcome) ? 1 : 0) - (before is { } was && IsUnread(was) ? 1 : 0);
        counters.Increase(session, organization, list.AccountId, group, CounterGroups.Unread, unread);
        counters.Increase(session, organization, list.AccountId, group, CounterGroups.Accounts, known ? 0 : 1);
    }

    private async Task<HashSet<string>> ActiveAsync(string organization, CancellationToken cancel) =>
    [
        .. (await AccountItems.ListAsync(store, organization, cancel))
            .Where(a => a.Status == Domain.Accounts.AccountStatus.Active).Select(a => a.AccountId),
    ];

    private static bool IsUnread(ListOutcome outcome) => outcome is not (ListOutcome.Complete or ListOutcome.NotAvailable);

    internal static string PartitionOf(string organization) => KeyText.Join("coverage", organization);

    internal static ItemKey KeyOf(string organization, string accountId, string region, string type) =>
        Documents.Key(PartitionOf(organization), KeyText.Join(accountId, region, type));
}
