using Qrie.Domain.Alerts;
using Qrie.Domain.Archiving;
using Qrie.Domain.Transfer;
using Qrie.Dynamo.Alerts;
using Qrie.Dynamo.Archiving;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Transfer.Rows;

/// <summary>Alert rules with what they sent and what waits for them, and archives.</summary>
internal static class AlertRows
{
    private const string Unreadable = "alert_unreadable_accounts";

    public static IEnumerable<ImportStep> Steps =>
    [
        ImportStep.Of("alert_rules", ["organization", "alert_id"], (session, row) =>
            session.PutAsync(AlertRuleItems.KeyOf(row.Text("organization"), row.Text("alert_id")), RuleOf(row))),
        ImportStep.Of("alert_outbox", ["seq"], async (session, row) =>
        {
            var one = EventOf(row);
            await session.PutAsync(AlertEvents.KeyOf(one.Seq), one);
            AlertEvents.Continue(session, one.Seq + 1); // in order: the last one stays
        }),
        ImportStep.Of("alert_deliveries", ["organization", "alert_id", "delivery_id"], (session, row) =>
            DeliveryItems.SaveAsync(session, null, DeliveryOf(row))),
        new([Unreadable], ["organization"], (session, group) => session.PutAsync(
            ScanAlerts.ToldKey(group.Of(Unreadable)[0].Text("organization")),
            group.Of(Unreadable).Select(r => r.Text("account_id")).Order(StringComparer.Ordinal).ToList())),
        ImportStep.Of("archives", ["organization", "archive_id"], (session, row) => DynamoArchiveStore.AddAsync(session, ArchiveOf(row))),
    ];

    public static void AddTo(StateRows rows) => rows
        .Add(AlertRuleItems.PartitionOf(""), async item => RowOf(await item.ReadAsync<AlertRule>()))
        .Add(AlertEvents.Partition, async item => RowOf(await item.ReadAsync<AlertEvent>()))
        .Add(DeliveryItems.PartitionOf("", ""), async item => RowOf(await item.ReadAsync<AlertDelivery>()))
        .Add(ScanAlerts.ToldKey("").Hash, async (item, sink) =>
        {
            foreach (var accountId in await item.ReadAsync<List<string>>())
            {
                await sink.AddAsync(new TransferRow(Unreadable).Set("organization", item.Organization).Set("account_id", accountId));
            }
        })
        .Add(DynamoArchiveStore.PartitionOf(""), async item => RowOf(await item.ReadAsync<Archive>()))
        .Ignore("alert-numbers", "alert-rule-count", "deliveries-waiting", "deliveries-ended", "deliveries-collecting", "archives-pending");

    private static AlertRule RuleOf(TransferRow row)
    {
        var (selection, target) = (row.OfJson<RuleSelection>("selection"), row.OfJson<StoredTarget>("target"));
        return new AlertRule
        {
            Organization = row.Text("organization"),
            AlertId = row.Text("alert_id"),
            Name = row.Text("name"),
            Enabled = row.Flag("enabled"),
            Kinds = row.OfJson<List<AlertKind>>("kinds"),
            MinSeverity = (int)row.Number("min_severity"),
            Policies = selection.Policies,
            Accounts = selection.Accounts,
            Tags = selection.Tags,
            QuietHours = row.OfJsonOrNull<QuietHours>("quiet_hours"),
            GroupSeconds = (int)row.Number("group_seconds"),
            Target = new AlertTarget
            {
                Kind = target.Kind,
                TopicArn = target.TopicArn,
                Url = target.Url,
                Secret = target.Secret,
                Recipients = target.Recipients,
            },
            CreatedAt = row.Time("created_at"),
            UpdatedAt = row.Time("updated_at"),
            FailingSince = row.TimeOrNull("failing_since"),
        };
    }

    private static TransferRow RowOf(AlertRule rule) => new TransferRow("alert_rules")
        .Set("organization", rule.Organization).Set("alert_id", rule.AlertId).Set("name", rule.Name).Set("enabled", rule.Enabled)
        .SetJson("kinds", rule.Kinds).Set("min_severity", rule.MinSeverity)
        .SetJson("selection", new RuleSelection(rule.Policies, rule.Accounts, rule.Tags)).SetJson("quiet_hours", rule.QuietHours)
        .Set("group_seconds", rule.GroupSeconds)
        .SetJson("target", new StoredTarget(rule.Target.Kind, rule.Target.TopicArn, rule.Target.Url, rule.Target.Secret, rule.Target.Recipients))
        .Set("created_at", rule.CreatedAt).Set("updated_at", rule.UpdatedAt).Set("failing_since", rule.FailingSince);

    private static AlertEvent EventOf(TransferRow row) => new()
    {
        Seq = row.Number("seq"),
        Organization = row.Text("organization"),
        At = row.Time("at"),
        Kind = row.Name<AlertKind>("kind"),
        AccountId = row.TextOrNull("account_id"),
        AccountService = row.TextOrNull("account_service"),
        Arn = row.TextOrNull("arn"),
        PolicyId = row.TextOrNull("policy_id"),
        Severity = (int?)row.NumberOrNull("severity"),
        Region = row.TextOrNull("region"),
        ScanId = row.TextOrNull("scan_id"),
        Detail = row.TextOrNull("detail"),
    };

    private static TransferRow RowOf(AlertEvent one) => new TransferRow("alert_outbox")
        .Set("seq", one.Seq).Set("organization", one.Organization).Set("at", one.At).SetName<AlertKind>("kind", one.Kind)
        .Set("account_id", one.AccountId).Set("account_service", one.AccountService).Set("arn", one.Arn).Set("policy_id", one.PolicyId)
        .Set("severity", one.Severity).Set("region", one.Region).Set("scan_id", one.ScanId).Set("detail", one.Detail);

    private static AlertDelivery DeliveryOf(TransferRow row) => new()
    {
        Organization = row.Text("organization"),
        AlertId = row.Text("alert_id"),
        DeliveryId = row.Text("delivery_id"),
        CreatedAt = row.Time("created_at"),
        Status = row.Name<DeliveryStatus>("status"),
        DueAt = row.Time("due_at"),
        Attempts = (int)row.Number("attempts"),
        FinishedAt = row.TimeOrNull("finished_at"),
        Last = row.OfJsonOrNull<SendResult>("result"),
        IsTest = row.Flag("is_test"),
        Content = row.OfJson<AlertContent>("content"),
        Revision = (int)row.Number("revision"),
    };

    private static TransferRow RowOf(AlertDelivery message) => new TransferRow("alert_deliveries")
        .Set("organization", message.Organization).Set("alert_id", message.AlertId).Set("delivery_id", message.DeliveryId)
        .Set("created_at", message.CreatedAt).SetName<DeliveryStatus>("status", message.Status).Set("due_at", message.DueAt)
        .Set("attempts", message.Attempts).Set("finished_at", message.FinishedAt).SetJson("result", message.Last).Set("is_test", message.IsTest)
        .SetJson("content", message.Content).Set("revision", message.Revision);

    private static Archive ArchiveOf(TransferRow row) => new()
    {
        Organization = row.Text("organization"),
        ArchiveId = row.Text("archive_id"),
        Reason = row.Name<ArchiveReason>("reason"),
        AccountId = row.Text("account_id") is { Length: > 0 } accountId ? accountId : null,
        Status = row.Name<ArchiveStatus>("status"),
        CreatedAt = row.Time("created_at"),
        FinishedAt = row.TimeOrNull("finished_at"),
        Findings = row.Number("findings"),
        Parts = (int)row.Number("parts"),
        Bytes = row.Number("bytes"),
        Error = row.TextOrNull("error"),
    };

    private static TransferRow RowOf(Archive archive) => new TransferRow("archives")
        .Set("organization", archive.Organization).Set("archive_id", archive.ArchiveId).SetName<ArchiveReason>("reason", archive.Reason)
        .Set("account_id", archive.AccountId ?? "").SetName<ArchiveStatus>("status", archive.Status).Set("created_at", archive.CreatedAt)
        .Set("finished_at", archive.FinishedAt).Set("findings", archive.Findings).Set("parts", archive.Parts).Set("bytes", archive.Bytes)
        .Set("error", archive.Error);

    private sealed record RuleSelection(
        IReadOnlyList<string> Policies, IReadOnlyList<string> Accounts, IReadOnlyDictionary<string, IReadOnlyList<string>> Tags);

    private sealed record StoredTarget(AlertTargetKind Kind, string? TopicArn, string? Url, string? Secret, IReadOnlyList<string> Recipients);
}
