using System.Globalization;
using System.Text.RegularExpressions;
using Qrie.Domain.Catalog.CloudTrail;
using Qrie.JmesPath;

namespace Qrie.Domain.Events;

/// <summary>A CloudTrail record, alone or as the <c>detail</c> of an EventBridge event.</summary>
public sealed partial class CloudTrailRecord
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

    /// <summary>The region; empty if the record has none.</summary>
    public string Region { get; private init; } = "";

    /// <summary>Null if the record has none.</summary>
    public DateTimeOffset? Time { get; private init; }

    public string? EventId { get; private init; }

    /// <summary>AWS marked it as read-only.</summary>
    public bool IsReadOnly { get; private init; }

    /// <summary>Why the call was refused; null if it succeeded.</summary>
    public string? ErrorCode { get; private init; }

    /// <summary>An Insights event or a network activity event: it carries the name of a call but does not record one.</summary>
    public bool IsNoCall { get; private init; }

    /// <summary>
    /// The members that CloudTrail omitted because they were too large, so their content is unknown.
    /// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    /// </summary>
    public IReadOnlyList<string> Omitted { get; private init; } = [];

    /// <summary>Null if the text is not a record, with the reason.</summary>
    public static CloudTrailRecord? Read(JmesValue value, out string reason)
    {
        var envelope = value.TryGetMember("detail", out var detail) && detail.Kind is JmesKind.Object ? value : default;
        var record = envelope.IsNull ? value : detail;
        if (Text(record, "eventSource") is not { } source || Text(record, "eventName") is not { } name)
        {
            reason = "it has no eventSource or no eventName";
            return null;
        }

        // The account of the envelope is set by EventBridge; the record within is supplied by the sender.
        var (recipient, sender) = (Text(record, "recipientAccountId"), Text(envelope, "account"));
        if ((recipient ?? sender) is not { } account)
        {
            reason = "it has no recipient account";
            return null;
        }

        if (sender is not null && sender != account)
        {
            reason = $"its envelope is of account {sender}, and the record within of account {account}";
            return null;
        }

        if (!AccountForm().IsMatch(account))
        {
            reason = $"'{account}' is not an account";
            return null;
        }

        var region = Text(record, "awsRegion") ?? Text(envelope, "region") ?? "";
        if (region.Length > 0 && !RegionForm().IsMatch(region))
        {
            reason = $"'{region}' is not a region";
            return null;
        }

        reason = "";
        return new CloudTrailRecord(record, EventKey.Of(source, name), account)
        {
            Region = region,
            Time = Date(Text(record, "eventTime") ?? Text(envelope, "time")),
            EventId = Text(record, "eventID") ?? Text(envelope, "id"),
            IsReadOnly = IsTrue(record, "readOnly"),
            ErrorCode = Text(record, "errorCode"),
            IsNoCall = Text(record, "eventCategory") is not (null or "Management" or "Data")
                || Text(record, "eventType") is "AwsCloudTrailInsight" or "AwsVpceEvent",
            Omitted = OmittedOf(record),
        };
    }

    [GeneratedRegex(@"^[0-9]{12}\z")]
    private static partial Regex AccountForm();

    [GeneratedRegex(@"^(?=.{5,32}\z)[a-z]{2,5}(-[a-z]+)+-[0-9]+\z")]
    private static partial Regex RegionForm();

    private static List<string> OmittedOf(JmesValue record)
    {
        var names = new List<string>();
        foreach (var (name, member) in record.EnumerateObject())
        {
            if (member.Kind is JmesKind.Object && IsTrue(member, "omitted"))
            {
                names.Add(name);
            }
        }

        return names;
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
