using Qrie.Domain.Accounts.Purging;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Accounts.Purging;

/// <summary>
/// Deletes accounts step by step. Batches of deletions are not transactions: an interrupted one is continued. The receipt and its step are kept in an item of
/// the organization.
/// </summary>
internal sealed class DynamoAccountPurgeStore(DynamoStore store, PurgeSteps steps) : IAccountPurgeStore
{
    /// <summary>The purges of all organizations that are not checked yet.</summary>
    private const string Open = "purges-open";

    public Task<bool> BeginAsync(string organization, string accountId, DateTimeOffset now, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                var key = AccountItems.PurgeKey(organization, accountId);
                if (await session.GetAsync(key) is not null)
                {
                    return true;
                }

                if (await session.GetAsync(AccountItems.KeyOf(organization, accountId)) is null)
                {
                    return false;
                }

                session.Require(AccountItems.KeyOf(organization, accountId));
                var purge = new AccountPurge(organization, accountId, now, null, new Dictionary<string, long>(), Checked: false);
                await SaveAsync(session, new PurgeRecord(purge, Step: 0, Checking: false));
                return true;
            },
            cancel);

    public async Task<AccountPurge?> FindAsync(string organization, string accountId, CancellationToken cancel) =>
        (await store.FindAsync<PurgeRecord>(AccountItems.PurgeKey(organization, accountId), cancel))?.Purge;

    public async Task<IReadOnlySet<string>> ListIdsAsync(string organization, CancellationToken cancel) =>
        (await store.ListAsync<PurgeRecord>(
            new ItemQuery(StoreTables.State, AccountItems.PurgesOf(organization)) { Strong = true }, cancel)).Select(p => p.Purge.AccountId).ToHashSet();

    public async Task<IReadOnlyList<AccountPurge>> ListOpenAsync(DateTimeOffset endedBefore, CancellationToken cancel)
    {
        var open = new List<AccountPurge>();
        foreach (var item in await store.ListAsync(new ItemQuery(StoreTables.State, Open) { Strong = true }, cancel))
        {
            var parts = item.RequiredText(StoreTables.State.Range!).Split(KeyText.Separator);
            if (await FindAsync(parts[0], parts[1], cancel) is { Checked: false } purge && (purge.FinishedAt is null || purge.FinishedAt <= endedBefore))
            {
                open.Add(purge);
            }
        }

        return [.. open.OrderBy(p => p.RequestedAt).ThenBy(p => p.AccountId, StringComparer.Ordinal)];
    }

    public async Task<bool> DeleteNextAsync(string organization, string accountId, int rows, DateTimeOffset now, CancellationToken cancel)
    {
        while (true)
        {
            if (await store.FindAsync<PurgeRecord>(AccountItems.PurgeKey(organization, accountId), cancel) is not { } record
                || record.Step >= steps.Count)
            {
                return false; // it was registered again, or another process completed it
            }

            var (table, deleted) = await steps.RunAsync(record.Step, organization, accountId, rows, cancel);
            var next = await AdvanceAsync(record, table, deleted, now, cancel);
            if (next is null || deleted > 0)
            {
                return next is not null;
            }
        }
    }

    public Task CheckAgainAsync(string organization, string accountId, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                if (await session.FindAsync<PurgeRecord>(AccountItems.PurgeKey(organization, accountId))
                    is { Purge: { FinishedAt: not null, Checked: false } } record)
                {
                    await SaveAsync(session, record with { Step = 0, Checking = true });
                }
            },
            cancel);

    /// <summary>Returns what is left to do; null if nothing is, or another process is ahead.</summary>
    private Task<PurgeRecord?> AdvanceAsync(PurgeRecord before, string table, int deleted, DateTimeOffset now, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                if (await session.FindAsync<PurgeRecord>(AccountItems.PurgeKey(before.Purge.Organization, before.Purge.AccountId)) is not { } record
                    || record.Step != before.Step)
                {
                    return null;
                }

                var sums = new Dictionary<string, long>(record.Purge.Deleted);
                sums[table] = sums.GetValueOrDefault(table) + deleted;
                var next = record with
                {
                    Purge = record.Purge with { Deleted = deleted > 0 ? sums : record.Purge.Deleted },
                    Step = record.Step + (deleted == 0 ? 1 : 0),
                };
                var isDone = next.Step >= steps.Count;
                if (isDone)
                {
                    next = next with
                    {
                        Purge = next.Purge with { FinishedAt = next.Purge.FinishedAt ?? now, Checked = next.Checking },
                    };
                }

                await SaveAsync(session, next);
                return isDone ? null : next;
            },
            cancel);

    internal static async Task SaveAsync(WriteSession session, PurgeRecord record)
    {
        await session.PutAsync(AccountItems.PurgeKey(record.Purge.Organization, record.Purge.AccountId), record);
        var open = Documents.Key(Open, KeyText.Join(record.Purge.Organization, record.Purge.AccountId));
        if (record.Purge.Checked)
        {
            session.Remove(open);
        }
        else
        {
            session.Overwrite(open, new Item());
        }
    }
}

/// <summary>A purge and how far it is.</summary>
/// <param name="Checking">It is done for the second time.</param>
internal sealed record PurgeRecord(AccountPurge Purge, int Step, bool Checking);
