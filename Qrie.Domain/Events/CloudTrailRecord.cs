using System.Globalization;
using Qrie.Domain.Catalog.CloudTrail;
using Qrie.JmesPath;

namespace Qrie.Domain.Events;

/// <summary>A CloudTrail record, alone or as the <c>detail</c> of an EventBridge event.</summary>
public sealed class CloudTrailRecord
{
    private CloudTrailRecord(JmesValue content, EventKey key, string accountId)
    {
        Content = content;
        Key = key;
        AccountId = accountId;
    }

    /// <summary>The record itself, for the expressions of the catalog.</summary>
    public JmesValue Content { get; }

    public EventKey Key { get; }

    /// <summary>
    /// The account that received the record, which owns the changed resources. The caller may be in another account, and S3 ARNs contain no account.
    /// </summary>
    public string AccountId { get; }

    /// <summary>Where it happened; empty if the record does not say.</summary>
    public string Region { get; private init; } = "";

    /// <summary>Null if the record does not say.</summary>
    public DateTimeOffset? Time { get; private init; }

    public string? EventId { get; private init; }

    /// <summary>AWS marked it as read-only.</summary>
    public bool IsReadOnly { get; private init; }

    /// <summary>Why the call was refused; null if it succeeded.</summary>
    public string? ErrorCode { get; private init; }

    /// <summary>An Insights event or a network activity event: it carries the name of a call but does not record one.</summary>
    public bool IsNoCall { get; private init; }

    /// <summary>Null if this is not a CloudTrail record; the reason says why.</summary>
    public static CloudTrailRecord? Read(JmesValue value, out string reason)
    {
        var envelope = value.TryGetMember("detail", out var detail) && detail.Kind is JmesKind.Object ? value : default;
        var record = envelope.IsNull ? value : detail;
        if (Text(record, "eventSource") is not { } source || Text(record, "eventName") is not { } name)
        {
            reason = "it has no eventSource or no eventName";
            return null;
        }

        if ((Text(record, "recipientAccountId") ?? Text(envelope, "account")) is not { } account)
        {
            reason = "it names no account that received it";
            return null;
        }

        reason = "";
        return new CloudTrailRecord(record, EventKey.Of(source, name), account)
        {
            Region = Text(record, "awsRegion") ?? Text(envelope, "region") ?? "",
            Time = Date(Text(record, "eventTime") ?? Text(envelope, "time")),
            EventId = Text(record, "eventID") ?? Text(envelope, "id"),
            IsReadOnly = IsTrue(record, "readOnly"),
            ErrorCode = Text(record, "errorCode"),
            IsNoCall = Text(record, "eventCategory") is not (null or "Management" or "Data")
                || Text(record, "eventType") is "AwsCloudTrailInsight" or "AwsVpceEvent",
        };
    }

    private static bool IsTrue(JmesValue map, string name) =>
        map.TryGetMember(name, out var value)
        && (value is { Kind: JmesKind.Boolean, IsTruthy: true } || value is { Kind: JmesKind.String } && value.GetString() == "true");

    private static string? Text(JmesValue map, string name) =>
        map.TryGetMember(name, out var value) && value.Kind is JmesKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static DateTimeOffset? Date(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;
}
