using Qrie.Domain.Dashboard;
using Qrie.Dynamo.Alerts;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Outbox;

/// <summary>
/// Applies what transactions left to be done: a row is deleted in the transaction that adds what it says, so that each counts exactly once, whoever applies it
/// and however often it is tried.
/// </summary>
internal sealed class OutboxApplier(DynamoStore store, CounterItems counters, ScanAlerts scans, OldDrift drift)
{
    /// <summary>Rows and counts together, within the limit of a transaction.</summary>
    private const int ItemsAtOnce = 90;

    internal static readonly TimeSpan DriftKept = TimeSpan.FromDays(90);

    public static ItemKey KeyOf(string organization, string name) => Documents.Key(PartitionOf(organization), name);

    /// <summary>Applies rows that this process has stored.</summary>
    public async Task ApplyAsync(string organization, IReadOnlyList<ItemKey> keys, CancellationToken cancel)
    {
        for (var done = 0; done < keys.Count;)
        {
            var (applied, left) = await ApplySomeAsync(organization, [.. keys.Skip(done)], cancel);
            done += applied;
            await ApplyAsync(organization, left, cancel);
        }
    }

    /// <summary>Applies rows that others have left. Returns how many.</summary>
    /// <param name="until">Later rows are about to be applied by their writers; null for all.</param>
    public async Task<int> RecoverAsync(string organization, DateTimeOffset? until, int limit, CancellationToken cancel)
    {
        var query = new ItemQuery(StoreTables.State, PartitionOf(organization))
        {
            To = until is { } at ? KeyText.Of(at) : null,
            Strong = true,
            Limit = limit,
        };
        var page = await store.Calls.QueryAsync(query, cancel);
        await ApplyAsync(organization, [.. page.Items.Select(item => ItemKey.Of(StoreTables.State, item))], cancel);
        return page.Items.Count;
    }

    /// <summary>Applies as many as one transaction can hold. Returns how many, and the rows that follow from them.</summary>
    private Task<(int Applied, List<ItemKey> Left)> ApplySomeAsync(string organization, IReadOnlyList<ItemKey> keys, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                session.IsRepeatable = true;
                await session.LoadAsync(keys.Take(ItemsAtOnce));
                var (items, applied, left) = (new HashSet<ItemKey>(), 0, new List<ItemKey>());
                foreach (var key in keys.Take(ItemsAtOnce))
                {
                    if (await session.FindAsync<OutboxRow>(key) is not { } row)
                    {
                        applied++;
                        continue; // another process has applied it
                    }

                    var more = ItemsOf(organization, row);
                    // Alerts have numbers that are given here, and the end of a scan has rows of its own: each of these is a transaction by itself.
                    var alone = row.Alerts.Count > 0 || row.Ended is not null;
                    if (applied > 0 && (alone || items.Union(more).Count() + applied + 1 > ItemsAtOnce))
                    {
                        break;
                    }

                    items.UnionWith(more);
                    await MakeDueAsync(organization, row.Changed, cancel);
                    left.AddRange(await AddAsync(session, organization, row));
                    await session.DeleteAsync(key);
                    applied++;
                    if (alone)
                    {
                        break;
                    }
                }

                return (applied, left);
            },
            cancel);

    private HashSet<ItemKey> ItemsOf(string organization, OutboxRow row) =>
    [
        .. row.Counts.SelectMany(c => counters.KeysOf(organization, c.AccountId, c.Group)),
        .. row.Drift.Select(d => DriftItems.CountKey(organization, row.ScanId!, d)),
        .. row.Samples.Select(s => DriftItems.SampleKey(organization, row.ScanId!, s)),
    ];

    /// <summary>Returns the rows that follow.</summary>
    private async Task<List<ItemKey>> AddAsync(WriteSession session, string organization, OutboxRow row)
    {
        foreach (var count in row.Counts)
        {
            counters.Increase(session, organization, count.AccountId, count.Group, count.Name, count.By);
        }

        foreach (var drift in row.Drift)
        {
            session.Increase(DriftItems.CountKey(organization, row.ScanId!, drift), Json.Name(drift.Change), drift.By);
        }

        await AlertEvents.AddAsync(session, row.Alerts);
        if (row.Ended is { } ended)
        {
            if (ended.Status != Domain.Scans.ScanStatus.Failed)
            {
                await drift.DeleteAsync(ended.Scan, session.Cancel);
            }

            var batch = new OutboxBatch(organization);
            await scans.AddAsync(session, ended, batch);
            return await batch.SaveAsync(session, ended.At, scans.Everything);
        }

        await AddSamplesAsync(session, organization, row);
        return [];
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
            await session.PutAsync(key, sample, item => item.Expire(sample.FoundAt + DriftKept));
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
