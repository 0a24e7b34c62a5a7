using System.Collections.Concurrent;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Domain.Management;
using Qrie.Dynamo.Access;
using Qrie.Dynamo.Accounts;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Compliance;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Events;
using Qrie.Dynamo.Findings;
using Qrie.Dynamo.Findings.Triage;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Outbox;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Retention;

/// <summary>
/// Deletes what is past. Rows that nothing depends on are deleted in batches, findings and audit entries in transactions: those have counts, or rows that name
/// them.
/// </summary>
internal sealed class DynamoRetentionStore(DynamoStore store, OutboxApplier outbox) : IRetentionStore
{
    private const int FindingsAtOnce = 25;

    /// <summary>The scan of an organization that is being deleted: what is old enough stays so, and is not looked for again.</summary>
    private readonly ConcurrentDictionary<string, string> _deleting = new(StringComparer.Ordinal);

    private readonly OldScans _scans = new(store);

    public async Task<int> DeleteHistoryAsync(string organization, DateTimeOffset before, int rows, CancellationToken cancel)
    {
        if (await DeleteFindingsAsync(organization, before, rows, cancel) is > 0 and var findings)
        {
            return findings;
        }

        // A week may begin in the month before it, of which counts of months are still needed.
        var (day, month) = (Periods.DayOf(before), Periods.MonthOf(before));
        foreach (var partition in await CountPartitionsAsync(organization, cancel))
        {
            var history = Range(partition, CounterGroups.History, CounterGroups.History + CounterGroups.DayOf(month));
            var resolved = Range(partition, CounterGroups.Resolved, CounterGroups.OfResolved(day.AddDays(-1)));
            if (await DeleteAsync(history, rows, cancel) is > 0 and var deleted || (deleted = await DeleteAsync(resolved, rows, cancel)) > 0)
            {
                return deleted;
            }
        }

        return await DeleteAsync(Range(DynamoEventStore.CountsOf(organization), "0", CounterGroups.DayOf(day)), rows, cancel) is > 0 and var events
            ? events
            : await DeleteScoresAsync(organization, day, rows, cancel);
    }

    public async Task<int> DeleteAuditAsync(string organization, DateTimeOffset before, int rows, CancellationToken cancel)
    {
        var query = Range(DynamoAuditStore.LogOf(organization), "0", KeyText.Of(before)) with { Limit = rows };
        var old = (await store.Calls.QueryAsync(query, cancel)).Items.Select(item => ItemKey.Of(StoreTables.State, item)).ToList();
        foreach (var some in old.Chunk(DynamoAuditStore.EntriesAtOnce))
        {
            await store.WriteAsync(
                async session =>
                {
                    await session.LoadAsync(some);
                    foreach (var key in some)
                    {
                        if (await session.FindAsync<AuditEntry>(key) is { } entry)
                        {
                            await DynamoAuditStore.DeleteAsync(session, entry);
                        }
                    }
                },
                cancel);
        }

        return old.Count;
    }

    public async Task<int> DeleteScansAsync(string organization, DateTimeOffset before, int rows, CancellationToken cancel)
    {
        if (!_deleting.TryGetValue(organization, out var scanId))
        {
            if (await _scans.FindAsync(organization, before, cancel) is not { } found)
            {
                return 0;
            }

            _deleting[organization] = scanId = found;
        }

        foreach (var partition in OldScans.PartitionsOf(organization, scanId))
        {
            // A scan of a thousand accounts has hundreds of thousands of units.
            if (await DeleteAsync(new ItemQuery(StoreTables.State, partition) { Strong = true }, rows, cancel) is > 0 and var deleted)
            {
                return deleted;
            }
        }

        await _scans.DeleteAsync(organization, scanId, cancel);
        _deleting.TryRemove(organization, out _);
        return 1;
    }

    public Task<int> DeleteRefusedLoginsAsync(DateTimeOffset before, int rows, CancellationToken cancel) =>
        DeleteAsync(Range(DynamoRefusedLoginStore.Partition, "0", CounterGroups.DayOf(Periods.DayOf(before))), rows, cancel);

    /// <summary>The index has resolved findings in the order in which they were first seen, which was before they were resolved.</summary>
    private async Task<int> DeleteFindingsAsync(string organization, DateTimeOffset before, int rows, CancellationToken cancel)
    {
        var old = new List<FindingIdentity>();
        var filter = new FindingFilter(State: FindingState.Resolved, FirstSeenTo: before, IncludeRemoved: true);
        await foreach (var (finding, _) in new FindingSources(store.Calls, organization, filter).ReadAsync(null, cancel))
        {
            if (finding.ResolvedAt < before)
            {
                old.Add(new FindingIdentity(finding.AccountService, finding.Arn, finding.PolicyId));
                if (old.Count == rows)
                {
                    break;
                }
            }
        }

        var deleted = 0;
        foreach (var some in old.Chunk(FindingsAtOnce))
        {
            var (n, left) = await store.WriteAsync(session => DeleteFindingsAsync(session, organization, some, before), cancel);
            await outbox.ApplyAsync(organization, left, cancel);
            deleted += n;
        }

        return deleted;
    }

    private async Task<(int Deleted, List<ItemKey> Rows)> DeleteFindingsAsync(
        WriteSession session, string organization, FindingIdentity[] identities, DateTimeOffset before)
    {
        var (batch, deleted) = (new OutboxBatch(organization), 0);
        var stored = await ResourceVerdicts.LoadAsync(session, organization, [.. identities.Select(i => (i.AccountService, i.Arn)).Distinct()]);
        foreach (var group in identities.GroupBy(i => (i.AccountService, i.Arn)).Where(g => stored.ContainsKey(g.Key)))
        {
            var target = stored[group.Key];
            foreach (var identity in group)
            {
                // The index may be behind: it was reopened, or is deleted already.
                if (target.Find(identity.PolicyId) is { State: FindingState.Resolved } finding && finding.ResolvedAt < before)
                {
                    target.Delete(session, finding, batch);
                    foreach (var entry in await store.ListAsync(
                        new ItemQuery(StoreTables.State, TriageItems.EntriesOf(organization, identity)) { Strong = true }, session.Cancel))
                    {
                        session.After(ItemWrite.Delete(ItemKey.Of(StoreTables.State, entry)));
                    }

                    deleted++;
                }
            }

            target.Save(session, batch);
        }

        return (deleted, await batch.SaveAsync(session, store.Clock.GetUtcNow()));
    }

    /// <summary>Of the scores of a section, the last one of that day or before stays.</summary>
    private async Task<int> DeleteScoresAsync(string organization, DateOnly day, int rows, CancellationToken cancel)
    {
        var subjects = await store.ListAsync(
            new ItemQuery(StoreTables.State, DynamoComplianceStore.SubjectsOf(organization)) { Strong = true }, cancel);
        foreach (var subject in subjects.Select(item => item.RequiredText(StoreTables.State.Range!)))
        {
            var scores = await store.ListAsync(
                new ItemQuery(StoreTables.State, DynamoComplianceStore.DaysOf(organization, subject)) { Strong = true }, cancel);
            var old = scores.Select(item => item.RequiredText(StoreTables.State.Range!))
                .GroupBy(sort => sort[..sort.LastIndexOf(KeyText.Separator)], StringComparer.Ordinal)
                .SelectMany(section => section.Where(sort => string.CompareOrdinal(sort[(section.Key.Length + 1)..], CounterGroups.DayOf(day)) <= 0)
                    .OrderDescending(StringComparer.Ordinal).Skip(1))
                .Take(rows).Select(sort => ItemWrite.Delete(Documents.Key(DynamoComplianceStore.DaysOf(organization, subject), sort))).ToList();
            if (old.Count > 0)
            {
                await store.Calls.BatchWriteAsync(old, cancel);
                return old.Count;
            }
        }

        return 0;
    }

    /// <summary>Those of accounts first: while some are deleted, readers take too little off the sums, not too much.</summary>
    private async Task<List<string>> CountPartitionsAsync(string organization, CancellationToken cancel) =>
    [
        .. (await AccountItems.ListAsync(store, organization, cancel)).Select(a => CounterItems.PartitionOf(organization, a.AccountId, 0)),
        .. Enumerable.Range(0, Math.Max(1, store.Calls.Settings.CounterShards))
            .Select(shard => CounterItems.PartitionOf(organization, CounterItems.AllAccounts, shard)),
    ];

    private async Task<int> DeleteAsync(ItemQuery query, int rows, CancellationToken cancel)
    {
        var items = (await store.Calls.QueryAsync(query with { Limit = rows }, cancel)).Items;
        await store.Calls.BatchWriteAsync([.. items.Select(item => ItemWrite.Delete(ItemKey.Of(StoreTables.State, item)))], cancel);
        return items.Count;
    }

    /// <param name="to">Inclusive.</param>
    private static ItemQuery Range(string partition, string from, string to) =>
        new(StoreTables.State, partition) { From = from, To = to, Strong = true };
}
