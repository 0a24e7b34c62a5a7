using Qrie.Domain.Events;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Events;

/// <summary>A recheck with its claim.</summary>
/// <param name="LeaseUntil">Null if it is not claimed.</param>
internal sealed record RecheckRecord(Recheck Recheck, DateTimeOffset? LeaseUntil);

/// <summary>The items of rechecks: a record, and a row that sorts by the time when it is due.</summary>
internal sealed class RecheckItems(DynamoStore store)
{
    /// <summary>Each is a record and one or two rows.</summary>
    private const int AtOnce = 30;

    private const string Record = "Record";

    public static string RecordsOf(bool whole) => KeyText.Join("rechecks", whole ? "1" : "0");

    public static string DueOf(bool whole) => KeyText.Join("rechecks-due", whole ? "1" : "0");

    /// <summary>
    /// The rechecks of a resource start with its last event, unless an earlier recheck is pending, which is followed by the others. A later final recheck keeps
    /// its time. The recheck of a unit keeps its time too, so that further events do not postpone it.
    /// </summary>
    public async Task ScheduleAsync(IReadOnlyList<Recheck> rechecks, CancellationToken cancel)
    {
        foreach (var some in rechecks.GroupBy(KeyOf).Chunk(AtOnce))
        {
            await store.WriteAsync(
                async session =>
                {
                    await session.LoadAsync(some.Select(g => g.Key));
                    foreach (var group in some)
                    {
                        var stored = await session.FindAsync<RecheckRecord>(group.Key);
                        var merged = group.Aggregate(
                            stored?.Recheck, (before, next) => before is null ? next with { Renewals = 0, Epoch = 0 } : Merge(before, next));
                        await ReplaceAsync(session, stored, new RecheckRecord(merged!, stored?.LeaseUntil));
                    }
                },
                cancel);
        }
    }

    public async Task<IReadOnlyList<Recheck>> ClaimDueAsync(bool whole, DateTimeOffset now, TimeSpan lease, int limit, CancellationToken cancel)
    {
        var claimed = new List<Recheck>();
        await foreach (var row in store.Calls.QueryAllAsync(
            new ItemQuery(StoreTables.State, DueOf(whole)) { To = KeyText.Of(now) + "~", Strong = true, Limit = Math.Max(limit, AtOnce) }, cancel))
        {
            var key = Documents.Key(RecordsOf(whole), row.RequiredText(Record));
            if (await ClaimAsync(key, now, lease, cancel) is { } recheck)
            {
                claimed.Add(recheck);
                if (claimed.Count == limit)
                {
                    break;
                }
            }
            else if (await store.GetAsync(key, cancel) is null)
            {
                // Its account was purged.
                await store.Calls.BatchWriteAsync([ItemWrite.Delete(ItemKey.Of(StoreTables.State, row))], cancel);
            }
        }

        return claimed;
    }

    public Task<bool> RenewAsync(Recheck recheck, DateTimeOffset until, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                if (await session.FindAsync<RecheckRecord>(KeyOf(recheck)) is not { } stored || stored.Recheck.Epoch != recheck.Epoch)
                {
                    return false;
                }

                await ReplaceAsync(session, stored, new RecheckRecord(stored.Recheck with { DueAt = recheck.DueAt }, until));
                return true;
            },
            cancel);

    public async Task AdvanceAsync(IReadOnlyList<(Recheck Recheck, Recheck? Next)> rechecks, CancellationToken cancel)
    {
        foreach (var (recheck, next) in rechecks)
        {
            await store.WriteAsync(
                async session =>
                {
                    var key = KeyOf(recheck);
                    if (await session.FindAsync<RecheckRecord>(key) is not { } stored || stored.Recheck.Epoch != recheck.Epoch)
                    {
                        return; // another worker has claimed it
                    }

                    if (stored.Recheck.Renewals != recheck.Renewals)
                    {
                        await ReplaceAsync(session, stored, stored with { LeaseUntil = null });
                    }
                    else if (next is null)
                    {
                        await session.DeleteAsync(key);
                        session.Remove(DueKey(stored.Recheck));
                    }
                    else
                    {
                        await ReplaceAsync(
                            session, stored, new RecheckRecord(stored.Recheck with { Attempt = next.Attempt, DueAt = next.DueAt }, LeaseUntil: null));
                    }
                },
                cancel);
        }
    }

    public async Task<long> CountAsync(string organization, CancellationToken cancel)
    {
        var n = 0L;
        foreach (var whole in (bool[])[false, true])
        {
            n += (await store.ListAsync(
                new ItemQuery(StoreTables.State, RecordsOf(whole)) { Prefix = KeyText.Join(organization, ""), Strong = true }, cancel)).Count;
        }

        return n;
    }

    private Task<Recheck?> ClaimAsync(ItemKey key, DateTimeOffset now, TimeSpan lease, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                if (await session.FindAsync<RecheckRecord>(key) is not { } stored || stored.LeaseUntil >= now || stored.Recheck.DueAt > now)
                {
                    return null;
                }

                var claimed = stored.Recheck with { Epoch = stored.Recheck.Epoch + 1 };
                await session.PutAsync(key, new RecheckRecord(claimed, now + lease));
                return claimed;
            },
            cancel);

    internal static async Task ReplaceAsync(WriteSession session, RecheckRecord? before, RecheckRecord after)
    {
        await session.PutAsync(KeyOf(after.Recheck), after);
        if (before?.Recheck.DueAt != after.Recheck.DueAt)
        {
            if (before is not null)
            {
                session.Remove(DueKey(before.Recheck));
            }

            session.Overwrite(DueKey(after.Recheck), new Item().Set(Record, SortOf(after.Recheck)));
        }
    }

    private static Recheck Merge(Recheck before, Recheck next) => before with
    {
        Attempt = Math.Min(before.Attempt, next.Attempt),
        Renewals = before.Renewals + 1,
        EventTime = before.EventTime > next.EventTime ? before.EventTime : next.EventTime,
        DueAt = before.IsWhole || before.Attempt < next.Attempt || (before.Attempt == next.Attempt && before.DueAt > next.DueAt) ? before.DueAt : next.DueAt,
    };

    private static ItemKey KeyOf(Recheck recheck) => Documents.Key(RecordsOf(recheck.IsWhole), SortOf(recheck));

    private static ItemKey DueKey(Recheck recheck) =>
        Documents.Key(DueOf(recheck.IsWhole), KeyText.Join(KeyText.Of(recheck.DueAt), SortOf(recheck)));

    private static string SortOf(Recheck recheck) =>
        KeyText.Fit(KeyText.Join(recheck.Organization, recheck.AccountId, recheck.Region, recheck.Type, recheck.Id), 900);
}
