using Qrie.Domain.Dashboard;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Outbox;

/// <summary>
/// Applies what transactions left to be done: a row is deleted in the transaction that adds what it says, so that each counts exactly once, whoever applies it and
/// however often it is tried.
/// </summary>
internal sealed class OutboxApplier(DynamoStore store, CounterItems counters)
{
    /// <summary>Rows and counts together, within the limit of a transaction.</summary>
    private const int ItemsAtOnce = 90;

    private static readonly TimeSpan s_driftKept = TimeSpan.FromDays(90);

    public static ItemKey KeyOf(string organization, string name) => Documents.Key(PartitionOf(organization), name);

    /// <summary>Applies rows that this process has stored.</summary>
    public async Task ApplyAsync(string organization, IReadOnlyList<ItemKey> keys, CancellationToken cancel)
    {
        for (var from = 0; from < keys.Count;)
        {
            from += await ApplySomeAsync(organization, [.. keys.Skip(from)], cancel);
        }
    }

    /// <summary>Applies rows that others have left. Returns how many.</summary>
    public async Task<int> RecoverAsync(string organization, int limit, CancellationToken cancel)
    {
        var page = await store.Calls.QueryAsync(new ItemQuery(StoreTables.State, PartitionOf(organization)) { Strong = true, Limit = limit }, cancel);
        await ApplyAsync(organization, [.. page.Items.Select(item => ItemKey.Of(StoreTables.State, item))], cancel);
        return page.Items.Count;
    }

    /// <summary>Applies as many as one transaction can hold. Returns how many.</summary>
    private Task<int> ApplySomeAsync(string organization, IReadOnlyList<ItemKey> keys, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                session.IsRepeatable = true;
                await session.LoadAsync(keys.Take(ItemsAtOnce));
                var (items, applied) = (new HashSet<ItemKey>(), 0);
                foreach (var key in keys.Take(ItemsAtOnce))
                {
                    if (await session.FindAsync<OutboxRow>(key) is not { } row)
                    {
                        applied++;
                        continue; // somebody else has applied it
                    }

                    var more = ItemsOf(organization, row);
                    if (applied > 0 && items.Union(more).Count() + applied + 1 > ItemsAtOnce)
                    {
                        break;
                    }

                    items.UnionWith(more);
                    await MakeDueAsync(organization, row.Changed, cancel);
                    await AddAsync(session, organization, row);
                    await session.DeleteAsync(key);
                    applied++;
                }

                return applied;
            },
            cancel);

    private HashSet<ItemKey> ItemsOf(string organization, OutboxRow row) =>
    [
        .. row.Counts.SelectMany(c => counters.KeysOf(organization, c.AccountId, c.Group)),
        .. row.Drift.Select(d => DriftItems.CountKey(organization, row.ScanId!, d)),
        .. row.Samples.Select(s => DriftItems.SampleKey(organization, row.ScanId!, s)),
    ];

    private async Task AddAsync(WriteSession session, string organization, OutboxRow row)
    {
        foreach (var count in row.Counts)
        {
            counters.Increase(session, organization, count.AccountId, count.Group, count.Name, count.By);
        }

        foreach (var drift in row.Drift)
        {
            session.Increase(DriftItems.CountKey(organization, row.ScanId!, drift), Json.Name(drift.Change), drift.By);
        }

        await AddSamplesAsync(session, organization, row);
    }

    private async Task AddSamplesAsync(WriteSession session, string organization, OutboxRow row)
    {
        if (row.Samples.Count == 0)
        {
            return;
        }

        var kept = (await store.Calls.QueryAsync(
            new ItemQuery(StoreTables.State, DriftItems.SamplesOf(organization, row.ScanId!)) { Strong = true, Limit = IDriftStore.MaxSamples },
            session.Cancel)).Items.Count;
        foreach (var sample in row.Samples.Take(Math.Max(0, IDriftStore.MaxSamples - kept)))
        {
            var key = DriftItems.SampleKey(organization, row.ScanId!, sample);
            await session.PutAsync(key, sample, item => item.Expire(sample.FoundAt + s_driftKept));
        }
    }

    /// <summary>Verdicts that found a changed resource, or would find it now, are to be given again.</summary>
    private async Task MakeDueAsync(string organization, IReadOnlyList<ChangedKey> changed, CancellationToken cancel)
    {
        foreach (var key in changed)
        {
            await foreach (var row in store.Calls.QueryAllAsync(
                new ItemQuery(StoreTables.State, LookupItems.DependentsOf(organization, key.Type, key.Key, key.Value)) { Strong = true }, cancel))
            {
                await LookupItems.MakeDueAsync(store, organization, LookupItems.ResourceOf(row), cancel);
            }
        }
    }

    private static string PartitionOf(string organization) => KeyText.Join("outbox", organization);
}
