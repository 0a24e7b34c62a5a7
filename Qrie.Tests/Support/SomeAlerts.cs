using Qrie.Domain.Alerts;

namespace Qrie.Tests.Support;

/// <summary>Default alert rules and messages.</summary>
internal static class SomeAlerts
{
    public const string Id = "alert-1";

    public static readonly IReadOnlyList<AlertKind> AllKinds = Enum.GetValues<AlertKind>();

    /// <summary>A rule that wants everything.</summary>
    public static AlertRule Rule(string id = Id, string organization = Some.Org) => new()
    {
        Organization = organization,
        AlertId = id,
        Name = $"Rule {id}",
        Enabled = true,
        Kinds = AllKinds,
        Target = new AlertTarget { Kind = AlertTargetKind.Webhook, Url = "https://hooks.example.com/secret-path", Secret = "0123456789abcdef" },
        CreatedAt = Some.Noon,
        UpdatedAt = Some.Noon,
    };

    public static AlertEvent Opened(long seq = 1, string bucket = "a", string policy = Some.Public, int severity = 60, string account = Some.AccountId) => new()
    {
        Seq = seq,
        Organization = Some.Org,
        At = Some.At(seq),
        Kind = AlertKind.Opened,
        AccountId = account,
        AccountService = $"{account}_s3",
        Arn = Some.ArnOf(bucket),
        PolicyId = policy,
        Severity = severity,
        Region = "eu-west-1",
    };

    public static AlertItem Item(AlertKind kind = AlertKind.Opened, int? severity = 60, string name = "a", double at = 0) => new(
        kind, Some.At(at), Some.AccountId, null, Some.ArnOf(name), "eu-west-1", Some.Public, "A title", severity, null, null, "finding", TagsUnknown: false);

    public static AlertDelivery Message(string id = "m1", DeliveryStatus status = DeliveryStatus.Collecting, double dueAt = 60, string alertId = Id) => new()
    {
        Organization = Some.Org,
        AlertId = alertId,
        DeliveryId = id,
        CreatedAt = Some.Noon,
        Status = status,
        DueAt = Some.At(dueAt),
        Content = new AlertContent(),
    };
}
