using Qrie.Domain.Dashboard;
using Qrie.Domain.Scans;
using Qrie.Domain.Transfer;
using Qrie.Domain.Work;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Outbox;
using Qrie.Dynamo.Scans;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Transfer.Rows;

/// <summary>Scans with their units, and what they did and found. Units that wait or run do so after an import, too.</summary>
internal sealed class ScanRows
{
    private const string Units = "units";
    private const string Operations = "scan_operations";
    private const string Denials = "scan_denials";
    private const string Drift = "drift_counts";

    /// <summary>Of the item with the calls of an imported scan, where others have the service.</summary>
    private const string AllServices = "*";

    private static readonly string[] s_scan = ["organization", "scan_id"];

    /// <summary>The places in the queue of units that wait or run.</summary>
    private readonly Dictionary<ItemKey, string> _turns = [];

    private readonly Dictionary<(string Organization, string ScanId), ScanRecord?> _scans = [];

    public static IEnumerable<ImportStep> Steps =>
    [
        ImportStep.Of("scans", s_scan, ScanAsync),
        ImportStep.Of(Units, [.. s_scan, "account_id", "region", "service"], UnitAsync),
        ImportStep.Of("scan_progress", [.. s_scan, "account_id", "service"], (session, row) => session.PutAsync(
            ScanItems.ProgressKey(row.Text("organization"), row.Text("scan_id"), row.Text("account_id"), row.Text("service")),
            new ProgressRecord(
                row.Text("account_id"), row.Text("service"), (int)row.Number("total"), (int)row.Number("done"), (int)row.Number("failed"),
                (int)row.Number("cancelled"), CountersOf(row), (int)row.Number("errors")))),
        new([Operations], s_scan, (session, group) =>
        {
            var (row, item) = (group.Of(Operations)[0], new Item());
            foreach (var operation in group.Of(Operations))
            {
                item.Set(ScanEnding.CallsName(operation.Text("operation")), operation.Number("calls"))
                    .Set(ScanEnding.DeniedName(operation.Text("operation")), operation.Number("denied"));
            }

            session.Overwrite(Documents.Key(ScanItems.CallsOf(row.Text("organization"), row.Text("scan_id")), AllServices), item);
            return Task.CompletedTask;
        }),
        new([Denials], [.. s_scan, "account_id"], (session, group) =>
        {
            var row = group.Of(Denials)[0];
            return session.PutAsync(
                Documents.Key(
                    ScanItems.DenialsOf(row.Text("organization"), row.Text("scan_id")), KeyText.Join(row.Text("account_id"), AllServices)),
                group.Of(Denials).Select(d => d.Text("operation")).ToList(),
                item => item.Keep(group.Of(Denials).ToDictionary(d => d.Text("operation"), d => d["n"])));
        }),
        ImportStep.Of(Drift, [.. s_scan, "account_id", "region", "type"], (session, row) =>
        {
            var delta = new DriftDelta(row.Text("account_id"), row.Text("region"), row.Text("type"), default, 0);
            var item = new Item();
            foreach (var change in Enum.GetValues<DriftChange>())
            {
                item.Set(Json.Name(change), row.Number(Json.Name(change)));
            }

            session.Overwrite(DriftItems.CountKey(row.Text("organization"), row.Text("scan_id"), delta), item);
            return Task.CompletedTask;
        }),
        ImportStep.Of("drift_samples", [.. s_scan, "account_service", "arn", "change"], (session, row) =>
        {
            var sample = new DriftSample(
                row.Text("arn"), row.Text("account_service"), row.Name<DriftChange>("change"), row.Text("type"), row.Text("region"),
                row.Time("found_at"), row.OfJson<List<string>>("attributes"));
            return session.PutAsync(
                DriftItems.SampleKey(row.Text("organization"), row.Text("scan_id"), sample), sample,
                item => item.Expire(sample.FoundAt + OutboxApplier.DriftKept));
        }),
        ImportStep.Of("full_scans", ["organization", "kind"], (session, row) =>
        {
            session.Overwrite(ScanItems.FullKey(row.Text("organization"), row.Name<ScanKind>("kind")), ScanItems.FullItem(row.Text("scan_id")));
            return Task.CompletedTask;
        }),
    ];

    public void AddTo(StateRows rows) => rows
        .Add(ScanItems.KeyOf("", "").Hash, ScanAsync)
        .Add(ScanItems.UnitsOf("", ""), UnitAsync)
        .Add(ScanItems.ProgressOf("", ""), async item => RowOf(item, await item.ReadAsync<ProgressRecord>()))
        .Add(ScanItems.CallsOf("", ""), CallsOf)
        .Add(ScanItems.DenialsOf("", ""), DenialsAsync)
        .Add(DriftItems.CountsOf("", ""), item =>
        {
            var parts = item.SortParts;
            var row = Row(Drift, item).Set("account_id", parts[0]).Set("region", parts[1]).Set("type", parts[2]);
            foreach (var change in Enum.GetValues<DriftChange>())
            {
                row.Set(Json.Name(change), item.Item.Number(Json.Name(change)) ?? 0);
            }

            return [row];
        })
        .Add(DriftItems.SamplesOf("", ""), async item =>
        {
            var sample = await item.ReadAsync<DriftSample>();
            return Row("drift_samples", item).Set("account_service", sample.AccountService).Set("arn", sample.Arn)
                .SetName<DriftChange>("change", sample.Change).Set("account_id", Domain.AccountService.Split(sample.AccountService).AccountId)
                .Set("type", sample.Type).Set("region", sample.Region).Set("found_at", sample.FoundAt).SetJson("attributes", sample.Attributes);
        })
        .Add(ScanItems.FullKey("", default).Hash, item =>
            [new TransferRow("full_scans").Set("organization", item.Organization).Set("kind", item.Sort).Set("scan_id", ScanItems.FullOf(item.Item))])
        .Ignore(ScanItems.Queue, ScanItems.Running, ScanItems.Unfinished, "scans", "scheduled", "interrupted", "slots");

    /// <summary>Reads where units wait, which the units themselves do not know.</summary>
    public async Task PrepareAsync(DynamoStore store, CancellationToken cancel)
    {
        await foreach (var item in store.Calls.QueryAllAsync(new ItemQuery(StoreTables.State, ScanItems.Queue) { Strong = true }, cancel))
        {
            Add(item.RequiredText(StoreTables.State.Range!));
        }

        foreach (var running in await ScanItems.ListRunningAsync(store, cancel))
        {
            Add(running.Turn);
        }

        void Add(string turn) => _turns[ScanItems.UnitKeyOf(turn)] = turn;
    }

    private static async Task ScanAsync(WriteSession session, TransferRow row)
    {
        var scan = ScanOf(row);
        await session.PutAsync(ScanItems.KeyOf(scan.Organization, scan.ScanId), ScanRecord.Of(scan, scan.TotalUnits));
        session.Overwrite(ScanItems.ListKey(scan), ScanItems.ListItem(scan));
        session.Overwrite(ScanItems.HeartbeatKey(scan.Organization, scan.ScanId), ScanItems.Heartbeat(row.Time("heartbeat_at")));
        if (scan.FinishedAt is null)
        {
            session.Overwrite(ScanItems.UnfinishedKey(scan), new Item());
        }

        if (scan.ScheduledFor is { } scheduled)
        {
            session.Overwrite(ScanItems.ScheduledKey(scan.Organization, scan.Kind, scheduled), new Item().Set(ScanItems.At, scheduled));
        }
    }

    private static async Task UnitAsync(WriteSession session, TransferRow row)
    {
        var unit = UnitOf(row);
        await session.PutAsync(ScanItems.UnitKey(unit), unit, item => item.Keep(row, "turn"));
        var turn = ScanItems.TurnOf(row.Number("priority"), row.Time("created_at"), unit, row.Number("turn"));
        if (unit.Status == UnitStatus.Pending)
        {
            session.Overwrite(ScanItems.QueueKey(turn), ScanItems.QueueItem(row.TextOrNull("after_scan")));
            if (unit.Counters.Values.Count > 0)
            {
                session.Overwrite(ScanItems.InterruptedKey(unit), new Item());
            }
        }
        else if (unit is { Status: UnitStatus.Running, LeaseUntil: { } lease })
        {
            await session.PutAsync(
                ScanItems.RunningKey(unit),
                new RunningRecord(unit.Organization, unit.ScanId, unit.Kind, unit.AccountId, unit.Region, unit.Service, lease, turn));
        }
    }

    private async Task ScanAsync(StoredItem item, RowSink rows)
    {
        // The heartbeat is an item beside it.
        if (ItemKey.Of(StoreTables.State, item.Item) != ScanItems.KeyOf(item.Parts[1], item.Parts[2]))
        {
            return;
        }

        var record = await item.ReadAsync<ScanRecord>();
        _scans[(item.Parts[1], item.Parts[2])] = record;
        var heartbeat = await item.Store.GetAsync(ScanItems.HeartbeatKey(item.Parts[1], item.Parts[2]), item.Cancel);
        await rows.AddAsync(RowOf(record.Scan).Set("heartbeat_at", heartbeat?.Time(ScanItems.At) ?? record.Scan.CreatedAt));
    }

    private async Task UnitAsync(StoredItem item, RowSink rows)
    {
        var unit = await item.ReadAsync<Unit>();
        if (!_scans.TryGetValue((unit.Organization, unit.ScanId), out var record))
        {
            _scans[(unit.Organization, unit.ScanId)] = record =
                await item.Store.FindAsync<ScanRecord>(ScanItems.KeyOf(unit.Organization, unit.ScanId), item.Cancel);
        }

        if (record is null)
        {
            return; // a scan that was not created to its end, or was deleted: no unit of it is ever shown or run
        }

        var row = RowOf(record.Scan, record.Ended(unit)).Set("turn", 0).Restore(item.Item);
        if (_turns.TryGetValue(ItemKey.Of(StoreTables.State, item.Item), out var turn))
        {
            row.Set("turn", ScanItems.TurnNumberOf(turn));
        }

        await rows.AddAsync(row);
    }

    private static IEnumerable<TransferRow> CallsOf(StoredItem item) => item.Counts
        .Select(count => (Operation: ScanEnding.OperationOf(count.Name), count.N)).Where(count => count.Operation is not null)
        .GroupBy(count => count.Operation!.Value.Operation)
        .Select(operation => new TransferRow(Operations, sums: true)
            .Set("organization", item.Organization).Set("scan_id", item.Parts[2]).Set("operation", operation.Key)
            .Set("calls", operation.Where(o => !o.Operation!.Value.IsDenied).Sum(o => o.N))
            .Set("denied", operation.Where(o => o.Operation!.Value.IsDenied).Sum(o => o.N)));

    private static async Task DenialsAsync(StoredItem item, RowSink rows)
    {
        var kept = item.Item.Kept();
        foreach (var operation in await item.ReadAsync<List<string>>())
        {
            await rows.AddAsync(new TransferRow(Denials, sums: true)
                .Set("organization", item.Organization).Set("scan_id", item.Parts[2]).Set("account_id", item.SortParts[0]).Set("operation", operation)
                .Set("n", kept.TryGetValue(operation, out var n) ? n.GetInt64() : 1));
        }
    }

    private static TransferRow Row(string table, StoredItem item) =>
        new TransferRow(table).Set("organization", item.Organization).Set("scan_id", item.Parts[2]);

    private static ScanCounters CountersOf(TransferRow row) => new(row.OfJson<Dictionary<string, long>>("counters"));

    private static Scan ScanOf(TransferRow row) => new()
    {
        Organization = row.Text("organization"),
        ScanId = row.Text("scan_id"),
        Kind = row.Name<ScanKind>("kind"),
        ScanType = row.Name<ScanType>("scan_type"),
        Trigger = row.Text("triggered_by"),
        Status = row.Name<ScanStatus>("status"),
        Filter = row.OfJson<ScanFilter>("filter"),
        CreatedAt = row.Time("created_at"),
        StartedAt = row.TimeOrNull("started_at"),
        FinishedAt = row.TimeOrNull("finished_at"),
        ScheduledFor = row.TimeOrNull("scheduled_for"),
        AfterScanId = row.TextOrNull("after_scan"),
        TotalUnits = (int)row.Number("total_units"),
        RemainingUnits = (int)row.Number("remaining_units"),
        FailedUnits = (int)row.Number("failed_units"),
        Counters = CountersOf(row),
        Errors = row.OfJson<List<ScanError>>("errors"),
    };

    private static TransferRow RowOf(Scan scan) => new TransferRow("scans")
        .Set("organization", scan.Organization).Set("scan_id", scan.ScanId).SetName<ScanKind>("kind", scan.Kind)
        .SetName<ScanType>("scan_type", scan.ScanType).Set("triggered_by", scan.Trigger).SetName<ScanStatus>("status", scan.Status)
        .SetJson("filter", scan.Filter).Set("created_at", scan.CreatedAt).Set("started_at", scan.StartedAt).Set("finished_at", scan.FinishedAt)
        .Set("scheduled_for", scan.ScheduledFor).Set("after_scan", scan.AfterScanId).Set("total_units", scan.TotalUnits)
        .Set("remaining_units", scan.RemainingUnits).Set("failed_units", scan.FailedUnits).SetJson("counters", scan.Counters.Values)
        .SetJson("errors", scan.Errors);

    private static Unit UnitOf(TransferRow row) => new()
    {
        Organization = row.Text("organization"),
        ScanId = row.Text("scan_id"),
        Kind = row.Name<ScanKind>("kind"),
        AccountId = row.Text("account_id"),
        Region = row.Text("region"),
        Service = row.Text("service"),
        Status = row.Name<UnitStatus>("status"),
        Epoch = row.Number("epoch"),
        Attempts = (int)row.Number("attempts"),
        Owner = row.TextOrNull("owner"),
        LeaseUntil = row.TimeOrNull("lease_until"),
        StartedAt = row.TimeOrNull("started_at"),
        FinishedAt = row.TimeOrNull("finished_at"),
        Counters = CountersOf(row),
        Errors = row.OfJson<List<UnitError>>("errors"),
        Calls = row.OfJson<List<CountedCalls>>("calls"),
    };

    private static TransferRow RowOf(Scan scan, Unit unit) => new TransferRow(Units)
        .Set("organization", unit.Organization).Set("scan_id", unit.ScanId).Set("account_id", unit.AccountId).Set("region", unit.Region)
        .Set("service", unit.Service).SetName<ScanKind>("kind", unit.Kind).SetName<UnitStatus>("status", unit.Status)
        .Set("priority", ScanItems.PriorityOf(scan)).Set("created_at", scan.CreatedAt).Set("epoch", unit.Epoch).Set("attempts", unit.Attempts)
        .Set("after_scan", scan.AfterScanId).Set("owner", unit.Owner).Set("lease_until", unit.LeaseUntil).Set("started_at", unit.StartedAt)
        .Set("finished_at", unit.FinishedAt).SetJson("counters", unit.Counters.Values).SetJson("errors", unit.Errors).SetJson("calls", unit.Calls);

    private static TransferRow RowOf(StoredItem item, ProgressRecord progress) => Row("scan_progress", item)
        .Set("account_id", progress.AccountId).Set("service", progress.Service).Set("total", progress.Total).Set("done", progress.Done)
        .Set("failed", progress.Failed).Set("cancelled", progress.Cancelled).SetJson("counters", progress.Counters.Values)
        .Set("errors", progress.Errors);
}
