using Qrie.Domain.Alerts;
using Qrie.Sql.Database;

namespace Qrie.Sql.Alerts;

internal sealed class AlertRuleRow
{
    public string Organization { get; set; } = "";
    public string AlertId { get; set; } = "";
    public string Name { get; set; } = "";
    public long Enabled { get; set; }
    public string Kinds { get; set; } = "";
    public long MinSeverity { get; set; }
    public string Selection { get; set; } = "";
    public string? QuietHours { get; set; }
    public long GroupSeconds { get; set; }
    public string Target { get; set; } = "";
    public long CreatedAt { get; set; }
    public long UpdatedAt { get; set; }
    public long? FailingSince { get; set; }

    public static AlertRuleRow Of(AlertRule rule) => new()
    {
        Organization = rule.Organization,
        AlertId = rule.AlertId,
        Name = rule.Name,
        Enabled = rule.Enabled ? 1 : 0,
        Kinds = Columns.Json(rule.Kinds),
        MinSeverity = rule.MinSeverity,
        Selection = Columns.Json(new RuleSelection(rule.Policies, rule.Accounts, rule.Tags)),
        QuietHours = Columns.JsonOrNull(rule.QuietHours),
        GroupSeconds = rule.GroupSeconds,
        Target = Columns.Json(new StoredTarget(
            rule.Target.Kind, rule.Target.TopicArn, rule.Target.Url, rule.Target.Secret, rule.Target.Recipients)),
        CreatedAt = Columns.Ms(rule.CreatedAt),
        UpdatedAt = Columns.Ms(rule.UpdatedAt),
        FailingSince = Columns.Ms(rule.FailingSince),
    };

    public AlertRule ToRule()
    {
        var selection = Columns.FromJson<RuleSelection>(Selection);
        var target = Columns.FromJson<StoredTarget>(Target);
        return new AlertRule
        {
            Organization = Organization,
            AlertId = AlertId,
            Name = Name,
            Enabled = Enabled != 0,
            Kinds = Columns.FromJson<List<AlertKind>>(Kinds),
            MinSeverity = (int)MinSeverity,
            Policies = selection.Policies,
            Accounts = selection.Accounts,
            Tags = selection.Tags,
            QuietHours = Columns.FromJsonOrNull<QuietHours>(QuietHours),
            GroupSeconds = (int)GroupSeconds,
            Target = new AlertTarget
            {
                Kind = target.Kind,
                TopicArn = target.TopicArn,
                Url = target.Url,
                Secret = target.Secret,
                Recipients = target.Recipients,
            },
            CreatedAt = Columns.Time(CreatedAt),
            UpdatedAt = Columns.Time(UpdatedAt),
            FailingSince = Columns.Time(FailingSince),
        };
    }

    private sealed record RuleSelection(
        IReadOnlyList<string> Policies, IReadOnlyList<string> Accounts, IReadOnlyDictionary<string, IReadOnlyList<string>> Tags);

    private sealed record StoredTarget(AlertTargetKind Kind, string? TopicArn, string? Url, string? Secret, IReadOnlyList<string> Recipients);
}

internal sealed class AlertEventRow
{
    public long Seq { get; set; }
    public string Organization { get; set; } = "";
    public long At { get; set; }
    public string Kind { get; set; } = "";
    public string? AccountId { get; set; }
    public string? AccountService { get; set; }
    public string? Arn { get; set; }
    public string? PolicyId { get; set; }
    public long? Severity { get; set; }
    public string? Region { get; set; }
    public string? ScanId { get; set; }
    public string? Detail { get; set; }

    public AlertEvent ToEvent() => new()
    {
        Seq = Seq,
        Organization = Organization,
        At = Columns.Time(At),
        Kind = Columns.Parse<AlertKind>(Kind),
        AccountId = AccountId,
        AccountService = AccountService,
        Arn = Arn,
        PolicyId = PolicyId,
        Severity = (int?)Severity,
        Region = Region,
        ScanId = ScanId,
        Detail = Detail,
    };
}

internal sealed class AlertDeliveryRow
{
    public string Organization { get; set; } = "";
    public string AlertId { get; set; } = "";
    public string DeliveryId { get; set; } = "";
    public long CreatedAt { get; set; }
    public string Status { get; set; } = "";
    public long DueAt { get; set; }
    public long Attempts { get; set; }
    public long? FinishedAt { get; set; }
    public string? Result { get; set; }
    public long IsTest { get; set; }
    public string Content { get; set; } = "";
    public long Revision { get; set; }

    public static AlertDeliveryRow Of(AlertDelivery message) => new()
    {
        Organization = message.Organization,
        AlertId = message.AlertId,
        DeliveryId = message.DeliveryId,
        CreatedAt = Columns.Ms(message.CreatedAt),
        Status = Columns.Name(message.Status),
        DueAt = Columns.Ms(message.DueAt),
        Attempts = message.Attempts,
        FinishedAt = Columns.Ms(message.FinishedAt),
        Result = Columns.JsonOrNull(message.Last),
        IsTest = message.IsTest ? 1 : 0,
        Content = Columns.Json(message.Content),
        Revision = message.Revision,
    };

    public AlertDelivery ToDelivery() => new()
    {
        Organization = Organization,
        AlertId = AlertId,
        DeliveryId = DeliveryId,
        CreatedAt = Columns.Time(CreatedAt),
        Status = Columns.Parse<DeliveryStatus>(Status),
        DueAt = Columns.Time(DueAt),
        Attempts = (int)Attempts,
        FinishedAt = Columns.Time(FinishedAt),
        Last = Columns.FromJsonOrNull<SendResult>(Result),
        IsTest = IsTest != 0,
        Content = Columns.FromJson<AlertContent>(Content),
        Revision = (int)Revision,
    };
}
