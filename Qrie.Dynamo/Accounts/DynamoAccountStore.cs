using Qrie.Domain.Accounts;
using Qrie.Dynamo.Accounts.Purging;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Accounts;

internal sealed class DynamoAccountStore(DynamoStore store) : IAccountStore
{
    private const int AccountsAtOnce = Limits.Transaction / AccountItems.ItemsOfAccount;

    public async Task<AddAccountOutcome> AddAsync(Account account, CancellationToken cancel)
    {
        // Keeps everything that is known beyond the settings.
        var change = new AccountChange(account.AccountId, stored => stored is { Status: AccountStatus.Active } ? null : account);
        return (await ChangeAsync(account.Organization, [change], allOrNothing: true, cancel))[0].Outcome switch
        {
            AccountChangeOutcome.Unchanged => AddAccountOutcome.AlreadyActive,
            AccountChangeOutcome.ActiveElsewhere => AddAccountOutcome.ActiveElsewhere,
            AccountChangeOutcome.BeingPurged => AddAccountOutcome.BeingPurged,
            _ => AddAccountOutcome.Added,
        };
    }

    public async Task<IReadOnlyList<AccountChangeResult>> ChangeAsync(
        string organization, IReadOnlyList<AccountChange> changes, bool allOrNothing, CancellationToken cancel)
    {
        if (changes.Count > AccountsAtOnce && allOrNothing)
        {
            // All are evaluated before the first is stored; what changes meanwhile can still be refused.
            var expected = new List<AccountChangeResult>();
            foreach (var some in changes.Chunk(AccountsAtOnce))
            {
                expected.AddRange(await EvaluateAsync(new WriteSession(store.Calls, cancel), organization, some));
            }

            if (expected.Exists(IsRefused))
            {
                return expected;
            }
        }

        var results = new List<AccountChangeResult>();
        foreach (var some in changes.Chunk(AccountsAtOnce))
        {
            results.AddRange(await store.WriteAsync(
                async session =>
                {
                    var evaluated = await EvaluateAsync(session, organization, some);
                    if (!allOrNothing || !evaluated.Exists(IsRefused))
                    {
                        foreach (var account in evaluated.Where(IsToStore).Select(r => r.After!))
                        {
                            await AccountItems.SaveAsync(session, account);
                            // A completed purge must not purge the account again.
                            await session.DeleteAsync(AccountItems.PurgeKey(organization, account.AccountId));
                        }
                    }

                    return evaluated;
                },
                cancel));
        }

        return results;
    }

    public Task<Account?> FindAsync(string organization, string accountId, CancellationToken cancel) =>
        store.FindAsync<Account>(AccountItems.KeyOf(organization, accountId), cancel);

    public async Task<Account?> FindAnywhereAsync(string accountId, CancellationToken cancel) =>
        (await store.FindAsync<AccountOwners>(AccountItems.OwnersKey(accountId), cancel))?.First is { } organization
            ? await FindAsync(organization, accountId, cancel)
            : null;

    public async Task<IReadOnlyList<Account>> ListAsync(string organization, bool includeRemoved, CancellationToken cancel) =>
        [.. (await AccountItems.ListAsync(store, organization, cancel)).Where(a => includeRemoved || a.Status == AccountStatus.Active)];

    public async Task<bool> HasAnyInAsync(string organization, string ou, CancellationToken cancel) =>
        (await ListAsync(organization, includeRemoved: false, cancel)).Any(
            a => a.Ou is { } own && ($"/{own.Trim('/')}/").StartsWith($"{ou}/", StringComparison.Ordinal));

    public async Task<IReadOnlyList<AccountHealth>> ListHealthAsync(string organization, string? accountId, CancellationToken cancel) =>
        await store.ListAsync<AccountHealth>(
            new ItemQuery(StoreTables.State, HealthItems.PartitionOf(organization))
            {
                Prefix = accountId is null ? null : KeyText.Join(accountId, ""),
                Strong = true,
            },
            cancel);

    public async Task RecordRegionsAsync(
        string organization, IReadOnlyDictionary<string, IReadOnlyList<string>> regionsByAccount, CancellationToken cancel)
    {
        foreach (var some in regionsByAccount.Chunk(AccountsAtOnce))
        {
            await store.WriteAsync(
                async session =>
                {
                    foreach (var (accountId, regions) in some)
                    {
                        if (await session.FindAsync<Account>(AccountItems.KeyOf(organization, accountId)) is { } account)
                        {
                            await session.PutAsync(AccountItems.KeyOf(organization, accountId), account with { KnownRegions = regions });
                        }

                        await session.DeleteAsync(HealthItems.KeyOf(organization, accountId, AccountHealth.Whole));
                    }
                },
                cancel);
        }
    }

    public Task RecordInventoryAsync(string organization, string accountId, string service, DateTimeOffset at, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                if (await session.FindAsync<Account>(AccountItems.KeyOf(organization, accountId)) is { } account && !(account.LastInventoryAt >= at))
                {
                    await AccountItems.SaveAsync(session, account with { LastInventoryAt = at });
                }

                await HealthItems.ChangeAsync(session, organization, accountId, service, health => health with
                {
                    LastInventoryAt = health.LastInventoryAt > at ? health.LastInventoryAt : at,
                    Error = health.Broken > 0 ? health.Error : null,
                });
            },
            cancel);

    public Task RecordErrorAsync(string organization, string accountId, string service, AccountError error, CancellationToken cancel) =>
        store.WriteAsync(
            session => HealthItems.ChangeAsync(session, organization, accountId, service, health => health with { Error = error }), cancel);

    private static async Task<List<AccountChangeResult>> EvaluateAsync(WriteSession session, string organization, IReadOnlyList<AccountChange> changes)
    {
        await session.LoadAsync(changes.SelectMany(c => (ItemKey[])
        [
            AccountItems.KeyOf(organization, c.AccountId), AccountItems.OwnersKey(c.AccountId), AccountItems.PurgeKey(organization, c.AccountId),
        ]));
        var results = new List<AccountChangeResult>();
        foreach (var change in changes)
        {
            var before = await session.FindAsync<Account>(AccountItems.KeyOf(organization, change.AccountId));
            if (change.Change(before) is not { } after)
            {
                results.Add(new AccountChangeResult(AccountChangeOutcome.Unchanged, before, before));
                continue;
            }

            // One that is active here and was found by the discovery of another organization since stays here.
            var becomesActive = after.Status == AccountStatus.Active && before is not { Status: AccountStatus.Active };
            var outcome = await session.FindAsync<PurgeRecord>(AccountItems.PurgeKey(organization, change.AccountId)) is { Purge.FinishedAt: null }
                ? AccountChangeOutcome.BeingPurged
                : becomesActive && (await session.FindAsync<AccountOwners>(AccountItems.OwnersKey(change.AccountId)))?.IsElsewhere(organization) == true
                    ? AccountChangeOutcome.ActiveElsewhere
                : before is null ? AccountChangeOutcome.Added
                : AccountChangeOutcome.Changed;
            results.Add(new AccountChangeResult(outcome, before, after with
            {
                CreatedAt = before?.CreatedAt ?? after.CreatedAt,
                // Not settings: only inventories write these.
                KnownRegions = before?.KnownRegions,
                LastInventoryAt = before?.LastInventoryAt,
            }));
        }

        return results;
    }

    private static bool IsRefused(AccountChangeResult result) => result.Outcome is AccountChangeOutcome.ActiveElsewhere or AccountChangeOutcome.BeingPurged;

    private static bool IsToStore(AccountChangeResult result) => result.Outcome is AccountChangeOutcome.Added or AccountChangeOutcome.Changed;
}
