namespace Qrie.Ui.Api;

public sealed record AlertPage(IReadOnlyList<Alert> Alerts, string? NextToken);

/// <param name="FailingSince">When the last message was given up; null if the last one was delivered, or there was none.</param>
public record Alert(
    string AlertId, string Name, bool Enabled, IReadOnlyList<string> Kinds, IReadOnlyList<string> Policies, int MinSeverity, IReadOnlyList<string> Accounts,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Tags, AlertQuietHours? QuietHours, int GroupSeconds, AlertTarget Target, DateTimeOffset? FailingSince);

/// <param name="Secret">The generated key of a webhook's signature, this once; null if there is none.</param>
public sealed record CreatedAlert(string AlertId, string Name, string? Secret);

public sealed record AlertQuietHours(string? From, string? To, string? TimeZone, IReadOnlyList<string>? Days);

/// <param name="Destination">What may be shown of the address.</param>
public sealed record AlertTarget(string Kind, string Destination, string? TopicArn, IReadOnlyList<string>? Recipients);

public sealed record AlertDeliveryPage(IReadOnlyList<AlertDelivery> Deliveries, string? NextToken);

/// <param name="Status">collecting, held, sending, retrying, delivered, failed or dropped.</param>
/// <param name="Outcome">Of the last attempt; null before the first.</param>
public sealed record AlertDelivery(
    string DeliveryId, string Status, bool Test, DateTimeOffset CreatedAt, DateTimeOffset? NextAttemptAt, DateTimeOffset? FinishedAt, int Attempts,
    string? Outcome, int? StatusCode, string? Detail, long Events, IReadOnlyDictionary<string, long> Kinds);
