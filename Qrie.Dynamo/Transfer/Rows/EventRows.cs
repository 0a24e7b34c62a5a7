using Qrie.Domain.Events;
using Qrie.Domain.Transfer;
using Qrie.Dynamo.Events;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Transfer.Rows;

/// <summary>What is kept of events: counts, the last of each region, rechecks, and messages that could not be processed.</summary>
internal static class EventRows
{
    private const string Counts = "event_counts";
    private const string Lags = "event_lags";

    public static IEnumerable<ImportStep> Steps =>
    [
        new([Counts, Lags], ["organization", "day", "account_id", "region"], CountsAsync),
        ImportStep.Of("event_regions", ["organization", "account_id", "region"], (session, row) =>
        {
            var region = new EventRegion(row.Text("account_id"), row.Text("region"), row.TimeOrNull("last_event_at"), row.Time("last_received_at"));
            return session.PutAsync(
                Documents.Key(DynamoEventStore.RegionsOf(row.Text("organization")), KeyText.Join(region.AccountId, region.Region)), region);
        }),
        ImportStep.Of("event_rechecks", ["organization", "account_id", "region", "type", "resource_id"], (session, row) =>
            RecheckItems.ReplaceAsync(session, null, new RecheckRecord(RecheckOf(row), row.TimeOrNull("lease_until")))),
        ImportStep.Of("dead_events", ["message_id"], (session, row) => DynamoEventStore.AddDeadAsync(session, DeadOf(row))),
    ];

    public static void AddTo(StateRows rows) => rows
        .Add(DynamoEventStore.CountsOf(""), CountsOf)
        .Add(DynamoEventStore.RegionsOf(""), async item =>
        {
            var region = await item.ReadAsync<EventRegion>();
            return new TransferRow("event_regions").Set("organization", item.Organization).Set("account_id", region.AccountId)
                .Set("region", region.Region).Set("last_event_at", region.LastEventAt).Set("last_received_at", region.LastReceivedAt);
        })
        .Add(RecheckItems.RecordsOf(whole: false), async item => RowOf(await item.ReadAsync<RecheckRecord>()))
        .Add(DynamoEventStore.DeadOf(""), async item => RowOf(await item.ReadAsync<DeadEvent>()))
        .Ignore("rechecks-due", "dead-event", "event-batches");

    private static Task CountsAsync(WriteSession session, RowGroup group)
    {
        var (row, item) = (group.Of(Counts).Concat(group.Of(Lags)).First(), new Item());
        foreach (var count in group.Of(Counts))
        {
            item.Set(DynamoEventStore.OutcomeName + count.Text("outcome"), count.Number("n"));
        }

        foreach (var lag in group.Of(Lags))
        {
            item.Set(DynamoEventStore.LagOf(lag.Flag("evaluated") ? "1" : "0", lag.Number("bucket")), lag.Number("n"));
        }

        session.Overwrite(
            DynamoEventStore.CountKey(row.Text("organization"), row.Text("day"), row.Text("account_id"), row.Text("region")), item);
        return Task.CompletedTask;
    }

    private static IEnumerable<TransferRow> CountsOf(StoredItem item)
    {
        var key = item.SortParts;
        foreach (var (name, n) in item.Counts)
        {
            if (name.StartsWith(DynamoEventStore.OutcomeName, StringComparison.Ordinal))
            {
                yield return Row(Counts, n).Set("outcome", name[DynamoEventStore.OutcomeName.Length..]);
            }
            else if (name.StartsWith(DynamoEventStore.LagName, StringComparison.Ordinal))
            {
                var parts = name.Split(KeyText.Separator);
                yield return Row(Lags, n).Set("evaluated", parts[1] == "1")
                    .Set("bucket", long.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        TransferRow Row(string table, long n) => new TransferRow(table)
            .Set("organization", item.Organization).Set("day", key[0]).Set("account_id", key[1]).Set("region", key[2]).Set("n", n);
    }

    private static Recheck RecheckOf(TransferRow row) => new(
        row.Text("organization"), row.Text("account_id"), row.Text("region"), row.Text("service"), row.Text("type"), row.Text("resource_id"),
        (int)row.Number("attempt"), row.Time("event_time"), row.Time("due_at"), row.Number("renewals"), row.Number("epoch"));

    private static TransferRow RowOf(RecheckRecord record)
    {
        var recheck = record.Recheck;
        return new TransferRow("event_rechecks")
            .Set("organization", recheck.Organization).Set("account_id", recheck.AccountId).Set("region", recheck.Region).Set("type", recheck.Type)
            .Set("resource_id", recheck.Id).Set("service", recheck.Service).Set("attempt", recheck.Attempt).Set("event_time", recheck.EventTime)
            .Set("due_at", recheck.DueAt).Set("renewals", recheck.Renewals).Set("whole", recheck.IsWhole).Set("epoch", recheck.Epoch)
            .Set("lease_until", record.LeaseUntil);
    }

    private static DeadEvent DeadOf(TransferRow row) => new(
        row.Text("message_id"), row.Text("organization"), row.Text("account_id"), row.Text("region"), row.Text("event_name"), row.Text("reason"),
        (int)row.Number("receives"), row.Time("died_at"), row.Flag("in_queue"), row.Text("body"));

    private static TransferRow RowOf(DeadEvent dead) => new TransferRow("dead_events")
        .Set("message_id", dead.MessageId).Set("organization", dead.Organization).Set("account_id", dead.AccountId).Set("region", dead.Region)
        .Set("event_name", dead.EventName).Set("reason", dead.Reason).Set("receives", dead.Receives).Set("died_at", dead.At)
        .Set("in_queue", dead.InQueue).Set("body", dead.Body);
}
