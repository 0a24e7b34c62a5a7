using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Alerts;

/// <summary>
/// What a message says. The texts are plain: every channel escapes them for its format. Names that came from AWS or from users are cleaned, so that a line is a
/// line.
/// </summary>
public sealed class AlertMessage(AlertRule rule, AlertDelivery delivery, AlertLinks links)
{
    /// <summary>The version of the body's format.</summary>
    private const int Version = 1;

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.Default };

    public string DeliveryId => delivery.DeliveryId;

    /// <summary>One line without control characters.</summary>
    public string Subject => SafeText.Clean($"Qrie {rule.Name}: {(delivery.IsTest ? "test message" : Summary)}");

    /// <summary>Counts in one line: <c>4,990 opened, 12 resolved; new: 3 critical, 4,987 high</c>.</summary>
    public string Summary => delivery.IsTest
        ? "This is a test. The target of the alert works."
        : string.Join(", ", delivery.Content.Kinds.OrderBy(k => k.Key).Select(k => $"{Number(k.Value)} {Words(k.Key)}")) + Severities();

    /// <summary>The events that are shown by name, the most severe ones first.</summary>
    public IEnumerable<AlertLine> Lines => delivery.Content.Items.Select(LineOf);

    /// <summary>Events that are counted only.</summary>
    public long Omitted => delivery.Content.Events - delivery.Content.Items.Count;

    /// <summary>The list of findings in the console; null if its address is not configured.</summary>
    public string? Url => links.Console is null ? null : $"{links.Console}/ui/findings";

    /// <summary>The body of a webhook (docs/alerts.md). The same for every attempt.</summary>
    public byte[] ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, s_options))
        {
            Write(json);
        }

        return stream.ToArray();
    }

    private void Write(Utf8JsonWriter json)
    {
        var content = delivery.Content;
        json.WriteStartObject();
        json.WriteNumber("version", Version);
        json.WriteString("delivery_id", delivery.DeliveryId);
        json.WriteString("organization", delivery.Organization);
        json.WriteStartObject("alert");
        json.WriteString("alert_id", rule.AlertId);
        json.WriteString("name", rule.Name);
        json.WriteEndObject();
        json.WriteBoolean("test", delivery.IsTest);
        json.WriteString("created_at", Iso(delivery.CreatedAt));
        json.WriteString("summary", Summary);
        json.WriteStartObject("counts");
        json.WriteNumber("events", content.Events);
        Write(json, "kinds", content.Kinds.OrderBy(k => k.Key).Select(k => (NameOf(k.Key), k.Value)));
        Write(json, "severities", content.Severities.OrderByDescending(s => s.Key).Select(s => (NameOf(s.Key), s.Value)));
        Write(json, "policies", content.Policies.OrderByDescending(p => p.Value).ThenBy(p => p.Key, StringComparer.Ordinal).Select(p => (p.Key, p.Value)));
        Write(json, "accounts", content.Accounts.OrderByDescending(a => a.Value).ThenBy(a => a.Key, StringComparer.Ordinal).Select(a => (a.Key, a.Value)));
        json.WriteEndObject();
        json.WriteStartArray("items");
        foreach (var item in content.Items)
        {
            Write(json, item);
        }

        json.WriteEndArray();
        json.WriteNumber("omitted", Omitted);
        json.WriteString("url", Url);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<(string Name, long Value)> counts)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in counts)
        {
            json.WriteNumber(key, value);
        }

        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, AlertItem item)
    {
        json.WriteStartObject();
        json.WriteString("kind", NameOf(item.Kind));
        json.WriteString("at", Iso(item.At));
        json.WriteString("account_id", item.AccountId);
        json.WriteString("account_name", item.AccountName);
        json.WriteString("region", item.Region);
        json.WriteString("arn", Whole(item.Arn));
        json.WriteString("policy", item.PolicyId);
        json.WriteString("policy_title", item.PolicyTitle);
        if (item.Severity is { } severity)
        {
            json.WriteNumber("severity", severity);
        }
        else
        {
            json.WriteNull("severity");
        }

        json.WriteString("detail", item.Detail is null ? null : SafeText.Clean(item.Detail));
        json.WriteString("scan_id", item.ScanId);
        json.WriteString("finding_id", item.FindingId);
        json.WriteBoolean("tags_unknown", item.TagsUnknown);
        json.WriteString("url", UrlOf(item));
        json.WriteEndObject();
    }

    private AlertLine LineOf(AlertItem item)
    {
        string?[] parts =
        [
            Words(item.Kind),
            item.Severity is { } severity ? $"{NameOf(Catalog.Severities.BandOf(severity))} {Number(severity)}" : null,
            item.PolicyTitle ?? item.PolicyId,
            item.Arn,
            item.AccountId is null ? null : item.AccountName is null ? $"account {item.AccountId}" : $"account {item.AccountId} ({item.AccountName})",
            item.Region,
            item.Detail,
            item.ScanId is null ? null : $"scan {item.ScanId}",
            item.TagsUnknown ? "its tags could not be read" : null,
        ];
        return new AlertLine(string.Join(" · ", parts.OfType<string>().Where(p => p.Length > 0).Select(SafeText.Clean)), UrlOf(item));
    }

    private string? UrlOf(AlertItem item) => links.Console is null ? null
        : item.FindingId is { } finding ? $"{links.Console}/ui/findings?id={finding}"
        : item.ScanId is { } scan ? $"{links.Console}/ui/scans/{Uri.EscapeDataString(scan)}"
        : item.Kind == AlertKind.DeadLetter ? $"{links.Console}/ui/events"
        : item.AccountId is { } account ? $"{links.Console}/ui/accounts/{Uri.EscapeDataString(account)}"
        : links.Console + "/ui/";

    private string Severities() => delivery.Content.Severities.Count == 0 ? ""
        : "; new: " + string.Join(", ", delivery.Content.Severities.OrderByDescending(s => s.Key).Select(s => $"{Number(s.Value)} {NameOf(s.Key)}"));

    /// <summary>Half a surrogate pair, which AWS may return, cannot be written.</summary>
    private static string? Whole(string? text) => text is null || SafeText.IsSafe(text) ? text : string.Concat(text.Chunk(SafeText.Longest)
        .Select(part => SafeText.Clean(new string(part))));

    private static string Words(AlertKind kind) => kind switch
    {
        AlertKind.DriftDetected => "drift detected",
        AlertKind.ScanFailed => "scan failed",
        AlertKind.AccountUnreadable => "account unreadable",
        AlertKind.DeadLetter => "dead letter",
        _ => NameOf(kind),
    };

    private static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Iso(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

/// <param name="Url">The page in the console; null if its address is not configured.</param>
public sealed record AlertLine(string Text, string? Url);
