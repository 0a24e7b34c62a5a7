using Qrie.Domain;
using Qrie.Domain.Alerts;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Scans;
using Qrie.Dynamo.Alerts;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Compliance;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Events;
using Qrie.Dynamo.Findings;
using Qrie.Dynamo.Findings.Triage;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Scans;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Accounts.Purging;

/// <summary>
/// The steps of deleting an account, in order. The account's own item and its counts are deleted last: until then readers exclude both. Every step deletes a
/// limited number of items and is repeated until it deletes none.
/// </summary>
internal sealed class PurgeSteps
{
    private readonly DynamoStore _store;
    private readonly IReadOnlyList<(string Table, Func<string, string, int, CancellationToken, Task<int>> RunAsync)> _all;

    public PurgeSteps(DynamoStore store, CounterItems counters)
    {
        _store = store;
        _all =
        [
            ("findings", FindingsAsync),
            ("resources", ResourcesAsync),
            ("evaluated", (o, a, n, c) => OfServicesAsync(o, a, n, (org, service) => PendingEvaluations.EvaluatedKey(org, service).Hash, c)),
            ("change_sequences", (o, a, n, c) => OfServicesAsync(o, a, n, (org, service) => ResourceWriter.SequenceKey(org, service).Hash, c)),
            ("stale", (o, a, n, c) => DeleteAsync(LookupItems.StaleOf(o), a + "_", n, c)),
            ("coverage", (o, a, n, c) => DeleteAsync(DynamoCoverageStore.PartitionOf(o), KeyText.Join(a, ""), n, c)),
            ("account_services", (o, a, n, c) => DeleteAsync(HealthItems.PartitionOf(o), KeyText.Join(a, ""), n, c)),
            ("event_rechecks", (o, a, n, c) => DeleteAsync(RecheckItems.RecordsOf(false), KeyText.Join(o, a, ""), n, c)),
            ("event_rechecks", (o, a, n, c) => DeleteAsync(RecheckItems.RecordsOf(true), KeyText.Join(o, a, ""), n, c)),
            ("event_counts", (o, a, n, c) => DeleteAsync(DynamoEventStore.CountsOf(o), sort => sort.Split(KeyText.Separator)[1] == a, n, c)),
            ("event_regions", (o, a, n, c) => DeleteAsync(DynamoEventStore.RegionsOf(o), KeyText.Join(a, ""), n, c)),
            ("dead_events", DeadEventsAsync),
            ("alert_outbox", AlertsAsync),
            ("external_ids", (o, a, n, c) => DeleteAsync(DynamoExternalIdStore.PartitionOf(o), a, n, c)),
            ("compliance_days", (o, a, n, c) => DeleteAsync(DynamoComplianceStore.DaysOf(o, a), "", n, c)),
            ("units", (o, a, n, c) => OfScansAsync(o, a, n, ScanItems.UnitsOf, c)),
            ("scan_progress", (o, a, n, c) => OfScansAsync(o, a, n, ScanItems.ProgressOf, c)),
            ("units", (o, a, n, c) => OfScansAsync(o, a, n, ScanItems.InterruptedOf, c)),
            ("scan_denials", (o, a, n, c) => OfScansAsync(o, a, n, ScanItems.DenialsOf, c)),
            ("drift_counts", (o, a, n, c) => OfScansAsync(o, a, n, DriftItems.CountsOf, c)),
            ("drift_samples", DriftSamplesAsync),
            ("scans", ScansAsync),
            ("places", (o, a, n, c) => DeleteAsync(ResourceWriter.PlacesOf(o), a + "_", n, c)),
            ("counts", (o, a, n, c) => CountsAsync(counters, o, a, n, c)),
            ("accounts", AccountAsync),
        ];
    }

    public int Count => _all.Count;

    /// <summary>Returns what was deleted, and how many.</summary>
    public async Task<(string Table, int Deleted)> RunAsync(int step, string organization, string accountId, int rows, CancellationToken cancel) =>
        (_all[step].Table, await _all[step].RunAsync(organization, accountId, rows, cancel));

    /// <summary>The findings of resources, with what was noted about them.</summary>
    private async Task<int> FindingsAsync(string organization, string accountId, int rows, CancellationToken cancel)
    {
        var deleted = 0;
        await foreach (var row in RowsAsync(organization, accountId, cancel))
        {
            var policies = ResourceVerdicts.PoliciesOf(row.Item).Take(rows - deleted).ToList();
            foreach (var policyId in policies)
            {
                var identity = new FindingIdentity(row.AccountServiceName, row.ArnText, policyId);
                while (await DeleteAsync(TriageItems.EntriesOf(organization, identity), "", rows, cancel) > 0)
                {
                    // Until there are none.
                }

                await _store.Calls.BatchWriteAsync([ItemWrite.Delete(FindingItems.KeyOf(organization, identity))], cancel);
            }

            if (policies.Count > 0)
            {
                await _store.Calls.WriteAsync(ResourceVerdicts.Forget(row, ResourceVerdicts.PoliciesOf(row.Item).Except(policies)), cancel);
                deleted += policies.Count;
            }

            if (deleted >= rows)
            {
                break;
            }
        }

        return deleted;
    }

    private async Task<int> ResourcesAsync(string organization, string accountId, int rows, CancellationToken cancel)
    {
        var deleted = 0;
        await foreach (var row in RowsAsync(organization, accountId, cancel))
        {
            await _store.WriteAsync(
                async session =>
                {
                    var key = ItemKey.Of(StoreTables.Resources, row.Item);
                    if (await session.GetAsync(key) is not { } item)
                    {
                        return;
                    }

                    var stored = new ResourceItem(organization, item);
                    LargeText.Obsolete(session, key, item, ResourceItem.Configuration);
                    foreach (var partition in LookupItems.PartitionsOf(
                        organization, stored.AccountServiceName, stored.TypeText, stored.LookupKeys, stored.TagsOrNull))
                    {
                        session.After(ItemWrite.Delete(LookupItems.RowKey(partition, stored.AccountServiceName, stored.ArnText)));
                    }

                    session.Delete(key);
                },
                cancel);
            deleted++;
            if (deleted >= rows)
            {
                break;
            }
        }

        return deleted;
    }

    private async Task<int> DeadEventsAsync(string organization, string accountId, int rows, CancellationToken cancel)
    {
        var dead = (await _store.ListAsync<DeadEvent>(
            new ItemQuery(StoreTables.State, DynamoEventStore.DeadOf(organization)) { Strong = true }, cancel))
            .Where(d => d.AccountId == accountId).Take(rows).ToList();
        await _store.Calls.BatchWriteAsync(
            [.. dead.SelectMany(d => DynamoEventStore.KeysOf(organization, d)).Select(ItemWrite.Delete)], cancel);
        return dead.Count;
    }

    /// <summary>Alerts that were not delivered yet.</summary>
    private async Task<int> AlertsAsync(string organization, string accountId, int rows, CancellationToken cancel)
    {
        await ScanAlerts.ForgetAsync(_store, organization, accountId, cancel);
        var events = (await _store.ListAsync<AlertEvent>(new ItemQuery(StoreTables.State, AlertEvents.Partition) { Strong = true }, cancel))
            .Where(e => e.Organization == organization && e.AccountId == accountId).Take(rows).ToList();
        await _store.Calls.BatchWriteAsync([.. events.Select(e => ItemWrite.Delete(AlertEvents.KeyOf(e.Seq)))], cancel);
        return events.Count;
    }

    private Task<int> DriftSamplesAsync(string organization, string accountId, int rows, CancellationToken cancel) =>
        OfScansAsync(
            organization, rows,
            (scanId, left) => DeleteAsync(
                DriftItems.SamplesOf(organization, scanId),
                sort => sort.Split(KeyText.Separator)[1].StartsWith(accountId + "_", StringComparison.Ordinal), left, cancel),
            cancel);

    /// <summary>Deletes scans of this account alone, and its errors from other scans.</summary>
    private async Task<int> ScansAsync(string organization, string accountId, int rows, CancellationToken cancel)
    {
        var changed = 0;
        foreach (var scanId in await ScanIdsAsync(organization, cancel))
        {
            changed += await _store.WriteAsync(
                async session =>
                {
                    var key = ScanItems.KeyOf(organization, scanId);
                    if (await session.FindAsync<ScanRecord>(key) is not { } record)
                    {
                        return 0;
                    }

                    if (record.Scan.Filter.AccountId == accountId)
                    {
                        await session.DeleteAsync(key);
                        session.Remove(ScanItems.ListKey(record.Scan));
                        session.Remove(ScanItems.HeartbeatKey(organization, scanId));
                        session.Remove(ScanItems.UnfinishedKey(record.Scan));
                        return 1;
                    }

                    var kept = record.Scan.Errors.Where(e => !Mentions(e, accountId)).ToList();
                    if (kept.Count == record.Scan.Errors.Count)
                    {
                        return 0;
                    }

                    await session.PutAsync(key, record with { Scan = record.Scan with { Errors = kept } });
                    return 1;
                },
                cancel);
            if (changed >= rows)
            {
                break;
            }
        }

        return changed;
    }

    /// <summary>Each group in a transaction that takes it off the sums of all accounts, from which readers take it off until then.</summary>
    private async Task<int> CountsAsync(CounterItems counters, string organization, string accountId, int rows, CancellationToken cancel)
    {
        var groups = (await counters.ReadAsync(organization, accountId, "", cancel)).Select(c => c.Group).Distinct().Take(rows).ToList();
        foreach (var group in groups)
        {
            await _store.WriteAsync(session => counters.RemoveAsync(session, organization, accountId, group), cancel);
        }

        // Groups in which everything is zero.
        return groups.Count > 0 ? groups.Count : await DeleteAsync(CounterItems.PartitionOf(organization, accountId, 0), "", rows, cancel);
    }

    private Task<int> AccountAsync(string organization, string accountId, int rows, CancellationToken cancel) =>
        _store.WriteAsync(
            async session =>
            {
                var deleted = await session.DeleteAsync(AccountItems.KeyOf(organization, accountId));
                session.Remove(ItemKey.Of(StoreTables.Accounts, KeyText.Scoped(organization, accountId)));
                var owners = AccountItems.OwnersKey(accountId);
                if (await session.FindAsync<AccountOwners>(owners) is { } stored)
                {
                    await session.PutAsync(owners, stored.Without(organization));
                }

                return deleted ? 1 : 0;
            },
            cancel);

    private async Task<int> OfServicesAsync(
        string organization, string accountId, int rows, Func<string, string, string> partitionOf, CancellationToken cancel)
    {
        foreach (var accountService in await PlacesAsync(organization, accountId, cancel))
        {
            if (await DeleteAsync(partitionOf(organization, accountService), "", rows, cancel) is > 0 and var deleted)
            {
                return deleted;
            }
        }

        return 0;
    }

    private Task<int> OfScansAsync(
        string organization, string accountId, int rows, Func<string, string, string> partitionOf, CancellationToken cancel) =>
        OfScansAsync(organization, rows, (scanId, left) => DeleteAsync(partitionOf(organization, scanId), KeyText.Join(accountId, ""), left, cancel), cancel);

    private async Task<int> OfScansAsync(string organization, int rows, Func<string, int, Task<int>> deleteAsync, CancellationToken cancel)
    {
        foreach (var scanId in await ScanIdsAsync(organization, cancel))
        {
            if (await deleteAsync(scanId, rows) is > 0 and var deleted)
            {
                return deleted;
            }
        }

        return 0;
    }

    private Task<int> DeleteAsync(string partition, string prefix, int rows, CancellationToken cancel) =>
        DeleteAsync(new ItemQuery(StoreTables.State, partition) { Prefix = prefix, Strong = true, Limit = rows }, _ => true, rows, cancel);

    private Task<int> DeleteAsync(string partition, Func<string, bool> which, int rows, CancellationToken cancel) =>
        DeleteAsync(new ItemQuery(StoreTables.State, partition) { Strong = true }, which, rows, cancel);

    private async Task<int> DeleteAsync(ItemQuery query, Func<string, bool> which, int rows, CancellationToken cancel)
    {
        var keys = new List<ItemKey>();
        await foreach (var item in _store.Calls.QueryAllAsync(query, cancel))
        {
            if (which(item.RequiredText(StoreTables.State.Range!)))
            {
                keys.Add(ItemKey.Of(StoreTables.State, item));
            }

            if (keys.Count == rows)
            {
                break;
            }
        }

        await _store.Calls.BatchWriteAsync([.. keys.Select(ItemWrite.Delete)], cancel);
        return keys.Count;
    }

    private async IAsyncEnumerable<ResourceItem> RowsAsync(
        string organization, string accountId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var accountService in await PlacesAsync(organization, accountId, cancel))
        {
            await foreach (var item in _store.Calls.QueryAllAsync(
                new ItemQuery(StoreTables.Resources, ResourceItem.HashKey(organization, accountService)) { Strong = true }, cancel))
            {
                yield return new ResourceItem(organization, item);
            }
        }
    }

    private async Task<List<string>> PlacesAsync(string organization, string accountId, CancellationToken cancel) =>
    [
        .. (await _store.ListAsync(
            new ItemQuery(StoreTables.State, ResourceWriter.PlacesOf(organization)) { Prefix = AccountService.Of(accountId, ""), Strong = true }, cancel))
            .Select(item => item.RequiredText(StoreTables.State.Range!).Split(KeyText.Separator)[0]).Distinct(),
    ];

    private async Task<List<string>> ScanIdsAsync(string organization, CancellationToken cancel) =>
        [.. (await _store.ListAsync(new ItemQuery(StoreTables.State, ScanItems.ListOf(organization)) { Strong = true }, cancel)).Select(ScanItems.ScanIdOf)];

    private static bool Mentions(ScanError error, string accountId) =>
        error.AccountId == accountId || error.Message.Contains(accountId, StringComparison.Ordinal);
}
