using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Scans;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Outbox;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Scans;

internal sealed class DynamoScanStore(DynamoStore store, OutboxApplier outbox, IOrganizationStore organizations) : IScanStore
{
    private const int DeniedAccountsShown = 1000;

    private const int OrphansAtOnce = 100;

    /// <summary>Writers apply what they leave at once.</summary>
    private static readonly TimeSpan s_appliedWithin = TimeSpan.FromSeconds(5);

    /// <summary>However many units it has.</summary>
    private static readonly TimeSpan s_createdWithin = TimeSpan.FromMinutes(5);

    private readonly UnitClaims _claims = new(store);
    private readonly ScanEnding _ending = new(store, outbox);

    public async Task<bool> CreateAsync(Scan scan, IReadOnlyList<Unit> units, CancellationToken cancel)
    {
        if (scan.ScheduledFor is { } scheduled && await store.GetAsync(ScanItems.ScheduledKey(scan.Organization, scan.Kind, scheduled), cancel) is not null)
        {
            return false;
        }

        // Units without a scan are never claimed: first they, then the scan, then their places in the queue.
        await store.Calls.BatchWriteAsync([.. units.Select(ItemOf), .. ProgressOf(units)], cancel);
        if (await store.WriteAsync(session => AddAsync(session, scan, units.Count), cancel) is not { } rows)
        {
            return false;
        }

        await outbox.ApplyAsync(scan.Organization, rows, cancel);

        await EnqueueAsync(scan, units, _ => true, cancel);
        return true;
    }

    public async Task<Scan?> FindAsync(string organization, string scanId, CancellationToken cancel) => (await RecordAsync(organization, scanId, cancel))?.Scan;

    public async Task<Page<Scan>> ListAsync(string organization, PageRequest page, CancellationToken cancel)
    {
        var query = new ItemQuery(StoreTables.State, ScanItems.ListOf(organization)) { Strong = true, Limit = page.Size + 1 };
        if (page.After is { } after)
        {
            query = query with { After = Documents.Key(query.Hash, ScanItems.SortOf(Documents.Time(after[0]), after[1])).ToAttributes() };
        }

        var keys = (await store.Calls.QueryAsync(query, cancel)).Items.Select(item => ScanItems.KeyOf(organization, ScanItems.ScanIdOf(item))).ToList();
        var items = keys.Count == 0 ? [] : await store.Calls.BatchGetAsync(keys, strong: true, cancel);
        var scans = new List<Scan>();
        foreach (var key in keys.Where(items.ContainsKey))
        {
            if (await Documents.ReadAsync<ScanRecord>(store.Calls, key, items[key], cancel) is { } record)
            {
                scans.Add(record.Scan);
            }
        }

        return new Page<Scan>(
            [.. scans.Take(page.Size)], scans.Count > page.Size ? [Documents.Ms(scans[page.Size - 1].CreatedAt), scans[page.Size - 1].ScanId] : null);
    }

    public async Task<Page<Unit>> ListUnitsAsync(string organization, string scanId, PageRequest page, CancellationToken cancel)
    {
        var units = await store.PageAsync<Unit>(
            new ItemQuery(StoreTables.State, ScanItems.UnitsOf(organization, scanId)) { Strong = true }, page.Size,
            page.After is { } after ? KeyText.Join(after[0], after[1], after[2]) : null, u => [u.AccountId, u.Region, u.Service], null, cancel);
        return await RecordAsync(organization, scanId, cancel) is { } record
            ? units with { Items = [.. units.Items.Select(record.Ended)] }
            : new Page<Unit>([], null);
    }

    public async Task<IReadOnlyList<ScanProgress>> ReadProgressAsync(string organization, string scanId, CancellationToken cancel)
    {
        var running = new List<Unit>();
        if (await RecordAsync(organization, scanId, cancel) is { Scan.FinishedAt: null })
        {
            foreach (var one in (await ScanItems.ListRunningAsync(store, cancel)).Where(r => (r.Organization, r.ScanId) == (organization, scanId)))
            {
                if (await store.FindAsync<Unit>(ScanItems.UnitKeyOf(one.Turn), cancel) is { Status: UnitStatus.Running } unit)
                {
                    running.Add(unit);
                }
            }
        }

        return
        [
            .. (await store.ListAsync<ProgressRecord>(
                new ItemQuery(StoreTables.State, ScanItems.ProgressOf(organization, scanId)) { Strong = true }, cancel))
                .Select(p => p.ToProgress([.. running.Where(u => (u.AccountId, u.Service) == (p.AccountId, p.Service))])),
        ];
    }

    public async Task<IReadOnlyList<ScanOperation>> ReadOperationsAsync(string organization, string scanId, CancellationToken cancel)
    {
        var (calls, denied) = (new SortedDictionary<string, long>(StringComparer.Ordinal), new Dictionary<string, long>());
        foreach (var item in await store.ListAsync(
            new ItemQuery(StoreTables.State, ScanItems.CallsOf(organization, scanId)) { Strong = true }, cancel))
        {
            foreach (var name in item.Attributes.Keys)
            {
                if (ScanEnding.OperationOf(name) is { } operation)
                {
                    var n = item.RequiredNumber(name);
                    if (operation.IsDenied)
                    {
                        denied[operation.Operation] = denied.GetValueOrDefault(operation.Operation) + n;
                    }
                    else
                    {
                        calls[operation.Operation] = calls.GetValueOrDefault(operation.Operation) + n;
                    }
                }
            }
        }

        var places = new List<(string Operation, string AccountId)>();
        await foreach (var item in store.Calls.QueryAllAsync(
            new ItemQuery(StoreTables.State, ScanItems.DenialsOf(organization, scanId)) { Strong = true }, cancel))
        {
            var accountId = item.RequiredText(StoreTables.State.Range!).Split(KeyText.Separator)[0];
            places.AddRange((await Documents.ReadAsync<List<string>>(store.Calls, ItemKey.Of(StoreTables.State, item), item, cancel) ?? [])
                .Select(operation => (operation, accountId)));
            if (places.Count >= DeniedAccountsShown)
            {
                break;
            }
        }

        var accounts = places.Distinct().ToLookup(p => p.Operation, p => p.AccountId);
        return [.. calls.Select(c => new ScanOperation(c.Key, c.Value, denied.GetValueOrDefault(c.Key), [.. accounts[c.Key]]))];
    }

    public async Task<Scan?> FindLastFullAsync(string organization, ScanKind kind, CancellationToken cancel) =>
        await store.GetAsync(ScanItems.FullKey(organization, kind), cancel) is { } full && ScanItems.FullOf(full) is { } scanId
            ? await FindAsync(organization, scanId, cancel)
            : null;

    public async Task<DateTimeOffset?> FindLastScheduledAsync(string organization, ScanKind kind, CancellationToken cancel)
    {
        var last = await store.Calls.QueryAsync(
            new ItemQuery(StoreTables.State, ScanItems.ScheduledOf(organization, kind)) { Descending = true, Strong = true, Limit = 1 }, cancel);
        return last.Items is [var item] ? item.RequiredTime(ScanItems.At) : null;
    }

    public async Task<bool> HasPolicyScanAsync(string organization, string policyId, string service, DateTimeOffset since, CancellationToken cancel)
    {
        await foreach (var item in store.Calls.QueryAllAsync(
            new ItemQuery(StoreTables.State, ScanItems.ListOf(organization)) { To = KeyText.Descending(since) + "~", Strong = true }, cancel))
        {
            var filter = Json.To<ScanFilter>(item.RequiredText("Filter"));
            if (item.RequiredText("Kind") == Json.Name(ScanKind.Policy) && filter.AccountId is null && filter.Level != ScanLevel.Quick
                && (filter.Service is null || filter.Service == service) && (filter.PolicyId is null || filter.PolicyId == policyId))
            {
                return true;
            }
        }

        return false;
    }

    public Task<Unit?> ClaimNextAsync(
        string owner, DateTimeOffset now, TimeSpan lease, int perAccount, CancellationToken cancel, ScanKind? only = null) =>
        _claims.ClaimNextAsync(owner, now, lease, perAccount, only, cancel);

    public Task<bool> RenewAsync(Unit unit, UnitResult soFar, DateTimeOffset now, TimeSpan lease, CancellationToken cancel) =>
        _claims.RenewAsync(unit, soFar, now, lease, cancel);

    public Task<bool> EndAsync(Unit unit, UnitStatus status, UnitResult result, DateTimeOffset now, CancellationToken cancel) =>
        _ending.EndAsync(unit, status, result, now, cancel);

    public Task ReleaseAsync(Unit unit, CancellationToken cancel) => _claims.ReleaseAsync(unit, cancel);

    public Task<bool> CancelAsync(string organization, string scanId, DateTimeOffset now, CancellationToken cancel) =>
        _ending.CancelAsync(organization, scanId, now, cancel);

    public Task<int> CancelAccountAsync(string organization, string accountId, DateTimeOffset now, CancellationToken cancel) =>
        _ending.CancelAccountAsync(organization, accountId, now, cancel);

    public async Task<SweepResult> SweepAsync(DateTimeOffset now, TimeSpan stuckAfter, CancellationToken cancel)
    {
        await RecoverOutboxAsync(now, cancel);
        var unfinished = await ScanItems.ListUnfinishedAsync(store, null, cancel);
        var running = (await ScanItems.ListRunningAsync(store, cancel)).CountBy(r => (r.Organization, r.ScanId)).ToDictionary();
        foreach (var (organization, scanId) in unfinished)
        {
            // A scan that waits for a worker, or for the lease of a dead one, has no unit that updates its heartbeat.
            if (await RecordAsync(organization, scanId, cancel) is { } record
                && record.StoredUnits - (record.Scan.TotalUnits - record.Scan.RemainingUnits) > running.GetValueOrDefault((organization, scanId)))
            {
                await store.Calls.WriteAsync(ItemWrite.Put(ScanItems.HeartbeatKey(organization, scanId), ScanItems.Heartbeat(now)), cancel);
                await RequeueAsync(record.Scan, now, cancel);
            }
        }

        var requeued = await _claims.FreeExpiredAsync(now, now + stuckAfter, cancel);
        return new SweepResult(requeued, await AbandonAsync(unfinished, now, stuckAfter, cancel));
    }

    public async Task<(int Abandoned, int Resumed)> RecoverAsync(DateTimeOffset now, TimeSpan stuckAfter, CancellationToken cancel)
    {
        var abandoned = await AbandonAsync(await ScanItems.ListUnfinishedAsync(store, null, cancel), now, stuckAfter, cancel);
        var resumed = await _claims.FreeExpiredAsync(now, now + stuckAfter, cancel);
        foreach (var (organization, scanId) in await ScanItems.ListUnfinishedAsync(store, null, cancel))
        {
            await store.Calls.WriteAsync(ItemWrite.Put(ScanItems.HeartbeatKey(organization, scanId), ScanItems.Heartbeat(now)), cancel);
        }

        return (abandoned, resumed);
    }

    /// <summary>What transactions of dead processes left to be done.</summary>
    private async Task RecoverOutboxAsync(DateTimeOffset now, CancellationToken cancel)
    {
        foreach (var organization in (await organizations.ListAsync(cancel)).Select(o => o.OrganizationId).Union([Organizations.Default]))
        {
            await outbox.RecoverAsync(organization, now - s_appliedWithin, OrphansAtOnce, cancel);
        }
    }

    /// <summary>A process that ended while it created a scan may have left its units without places in the queue.</summary>
    private async Task RequeueAsync(Scan scan, DateTimeOffset now, CancellationToken cancel)
    {
        if (now - scan.CreatedAt < s_createdWithin || await IsQueuedAsync(scan, cancel))
        {
            return;
        }

        var units = await store.ListAsync<Unit>(
            new ItemQuery(StoreTables.State, ScanItems.UnitsOf(scan.Organization, scan.ScanId)) { Strong = true }, cancel);
        await EnqueueAsync(scan, units, unit => unit.Status == UnitStatus.Pending, cancel);
    }

    private async Task<bool> IsQueuedAsync(Scan scan, CancellationToken cancel)
    {
        var (from, to) = ScanItems.TurnsOf(scan);
        await foreach (var item in store.Calls.QueryAllAsync(new ItemQuery(StoreTables.State, ScanItems.Queue) { From = from, To = to, Strong = true }, cancel))
        {
            if (ScanItems.IsOf(scan, item.RequiredText(StoreTables.State.Range!)))
            {
                return true;
            }
        }

        return false;
    }

    private Task EnqueueAsync(Scan scan, IReadOnlyList<Unit> units, Func<Unit, bool> which, CancellationToken cancel) => store.Calls.BatchWriteAsync(
        [
            .. units.GroupBy(u => u.AccountId).SelectMany(account => account.Select((unit, turn) => (unit, turn))).Where(u => which(u.unit))
                .Select(u => ItemWrite.Put(ScanItems.QueueKey(ScanItems.TurnOf(scan, u.unit, u.turn)), ScanItems.QueueItem(scan.AfterScanId))),
        ],
        cancel);

    private async Task<int> AbandonAsync(
        List<(string Organization, string ScanId)> unfinished, DateTimeOffset now, TimeSpan stuckAfter, CancellationToken cancel)
    {
        var abandoned = 0;
        foreach (var (organization, scanId) in unfinished)
        {
            abandoned += await _ending.AbandonAsync(organization, scanId, now - stuckAfter, now, cancel) ? 1 : 0;
        }

        return abandoned;
    }

    private static async Task<List<ItemKey>?> AddAsync(WriteSession session, Scan scan, int units)
    {
        if (scan.ScheduledFor is { } scheduled)
        {
            var key = ScanItems.ScheduledKey(scan.Organization, scan.Kind, scheduled);
            if (await session.GetAsync(key) is not null)
            {
                return null;
            }

            session.Put(key, new Item().Set(ScanItems.At, scheduled));
        }

        await session.PutAsync(ScanItems.KeyOf(scan.Organization, scan.ScanId), ScanRecord.Of(scan, units));
        session.Overwrite(ScanItems.ListKey(scan), ScanItems.ListItem(scan));
        session.Overwrite(ScanItems.HeartbeatKey(scan.Organization, scan.ScanId), ScanItems.Heartbeat(scan.CreatedAt));
        if (scan.FinishedAt is null)
        {
            session.Overwrite(ScanItems.UnfinishedKey(scan), new Item());
        }

        return units == 0 ? await ScanEnding.CompletedAsync(session, scan, scan.Status, scan.CreatedAt) : [];
    }

    private static ItemWrite ItemOf(Unit unit) => Documents.New(ScanItems.UnitKey(unit), unit);

    private static IEnumerable<ItemWrite> ProgressOf(IEnumerable<Unit> units) => units.GroupBy(u => (u.Organization, u.ScanId, u.AccountId, u.Service))
        .Select(g => Documents.New(
            ScanItems.ProgressKey(g.Key.Organization, g.Key.ScanId, g.Key.AccountId, g.Key.Service),
            new ProgressRecord(g.Key.AccountId, g.Key.Service, g.Count(), 0, 0, 0, new Domain.Work.ScanCounters(), 0)));

    private Task<ScanRecord?> RecordAsync(string organization, string scanId, CancellationToken cancel) =>
        store.FindAsync<ScanRecord>(ScanItems.KeyOf(organization, scanId), cancel);
}
