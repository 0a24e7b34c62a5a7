using System.Text.Json.Serialization;
using Qrie.Domain.Alerts;

namespace Qrie.Api.Endpoints.Alerts;

/// <param name="FailingSince">When the last message was given up; null if the last one was delivered, or there was none.</param>
internal record AlertView(
    string AlertId, string Name, bool Enabled, IEnumerable<string> Kinds, IReadOnlyList<string> Policies, int MinSeverity, IReadOnlyList<string> Accounts,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Tags, QuietHoursView? QuietHours, int GroupSeconds, TargetView Target, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt, DateTimeOffset? FailingSince)
{
    public static AlertView From(AlertRule rule) => new(
        rule.AlertId, rule.Name, rule.Enabled, rule.Kinds.Select(AlertRuleSettings.NameOf), rule.Policies, rule.MinSeverity, rule.Accounts, rule.Tags,
        rule.QuietHours is { } quiet ? QuietHoursView.Of(QuietHoursSettings.Of(quiet)) : null, rule.GroupSeconds, TargetView.From(rule.Target),
        rule.CreatedAt, rule.UpdatedAt, rule.FailingSince);
}

/// <param name="Secret">The generated key of the signature. It cannot be shown again. Null if the caller chose it, or there is none.</param>
internal sealed record CreatedAlertView([property: JsonIgnore] AlertView Of, string? Secret) : AlertView(Of);

/// <summary>A target without its secrets.</summary>
/// <param name="Destination">The topic, the recipients, or the host of the address.</param>
/// <param name="TopicArn">Null of other kinds.</param>
/// <param name="Recipients">Null of other kinds.</param>
internal sealed record TargetView(string Kind, string Destination, string? TopicArn, IReadOnlyList<string>? Recipients)
{
    public static TargetView From(AlertTarget target) => new(
        AlertRuleSettings.NameOf(target.Kind), target.Destination, target.TopicArn, target.Kind == AlertTargetKind.Email ? target.Recipients : null);
}

/// <param name="DeliveryId">The idempotency id of the message, the same for every attempt.</param>
/// <param name="Status">collecting, held (quiet hours), sending, retrying, delivered, failed or dropped (the rule was disabled).</param>
/// <param name="NextAttemptAt">Null if it was delivered or given up.</param>
/// <param name="Outcome">Of the last attempt: delivered, rejected, unreachable, blocked_target or misconfigured; null before the first.</param>
/// <param name="StatusCode">Of HTTP or SMTP; null if there is none.</param>
/// <param name="Detail">The beginning of the target's response, or a remedy.</param>
/// <param name="Events">The number of events in the message.</param>
/// <param name="Kinds">Events by kind.</param>
internal sealed record DeliveryView(
    string DeliveryId, string Status, bool Test, DateTimeOffset CreatedAt, DateTimeOffset? NextAttemptAt, DateTimeOffset? FinishedAt, int Attempts,
    string? Outcome, int? StatusCode, string? Detail, long Events, IReadOnlyDictionary<string, long> Kinds)
{
    public static DeliveryView From(AlertDelivery d) => new(
        d.DeliveryId, AlertRuleSettings.NameOf(d.Status), d.IsTest, d.CreatedAt, d.FinishedAt is null ? d.DueAt : null, d.FinishedAt, d.Attempts,
        d.Last is null ? null : AlertRuleSettings.NameOf(d.Last.Outcome), d.Last?.Status, d.Last?.Detail, d.Content.Events,
        d.Content.Kinds.OrderBy(k => k.Key).ToDictionary(k => AlertRuleSettings.NameOf(k.Key), k => k.Value));
}
