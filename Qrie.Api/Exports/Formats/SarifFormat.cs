using System.Globalization;
using System.Text.Json;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Hosting;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;

namespace Qrie.Api.Exports.Formats;

/// <summary>
/// SARIF 2.1.0. A finding is a failure; an unknown verdict has the kind <c>open</c>: there was not enough information to decide. Results come before the tool,
/// because the rules are known when all results are written.
/// </summary>
internal sealed class SarifFormat : IExportFormat
{
    public string Name => "sarif";

    public string MediaType => "application/sarif+json; charset=utf-8";

    public string Extension => "sarif";

    public async Task WriteAsync(Export export, Stream stream, CancellationToken cancel)
    {
        await using var output = new JsonStream(stream);
        var json = output.Json;
        var rules = new Dictionary<string, (int Index, ExportedPolicy Policy, int Severity)>(StringComparer.Ordinal);
        json.WriteStartObject();
        json.WriteString("$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json");
        json.WriteString("version", "2.1.0");
        json.WriteStartArray("runs");
        json.WriteStartObject();
        json.WriteStartArray("results");
        await foreach (var row in export.Rows.WithCancellation(cancel))
        {
            if (!rules.TryGetValue(row.Policy.Id, out var rule))
            {
                rules[row.Policy.Id] = rule = (rules.Count, row.Policy, row.Severity);
            }

            WriteResult(json, row, rule.Index);
            await output.RowAsync(cancel);
        }

        json.WriteEndArray();
        WriteTool(json, rules.Values.OrderBy(r => r.Index).Select(r => (r.Policy, r.Severity)));
        WriteInvocation(json, export.Head);
        json.WriteString("columnKind", "utf16CodeUnits");
        json.WriteStartObject("automationDetails");
        json.WriteString("id", "qrie/");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        await output.SendAsync(cancel);
    }

    private static void WriteResult(Utf8JsonWriter json, ExportRow row, int rule)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", row.Policy.Id);
        json.WriteNumber("ruleIndex", rule);
        json.WriteString("kind", KindOf(row));
        json.WriteString("level", row.State is RowState.Active or RowState.Suppressed ? LevelOf(row.Severity) : "none");
        json.WriteStartObject("message");
        json.WriteString("text", MessageOf(row));
        json.WriteEndObject();
        WriteLocation(json, row);
        json.WriteStartObject("partialFingerprints");
        json.WriteString("qrieFindingId/v1", row.FindingId);
        json.WriteEndObject();
        if (row.State == RowState.Suppressed)
        {
            WriteSuppression(json, row);
        }

        json.Text("baselineState", row.Baseline is { } baseline ? RowNames.Of(baseline) : null);
        json.WriteStartObject("properties");
        json.WriteString("accountId", row.AccountId);
        json.WriteString("region", row.Region);
        json.WriteString("resourceType", row.ResourceType);
        json.WriteNumber("severity", row.Severity);
        json.WriteString("state", RowNames.Of(row.State));
        json.Time("firstSeen", row.FirstSeen);
        json.Time("lastEvaluated", row.LastEvaluated);
        json.Time("resolvedAt", row.ResolvedAt);
        json.Text("resolvedReason", row.ResolvedReason is { } reason ? ApiEnumNames.Of(reason) : null);
        json.Text("unknownAttribute", row.Unknown?.Attribute);
        json.Text("unknownCode", row.Unknown?.Code);
        if (row.Evidence is { } evidence)
        {
            json.Stored("evidence", evidence);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteSuppression(Utf8JsonWriter json, ExportRow row)
    {
        json.WriteStartArray("suppressions");
        json.WriteStartObject();
        json.WriteString("kind", "external");
        json.WriteString("status", "accepted");
        json.WriteString("justification", row.ExceptionText);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    /// <summary>A resource is a logical location. Readers that want a file get its ARN, which is a URI.</summary>
    private static void WriteLocation(Utf8JsonWriter json, ExportRow row)
    {
        json.WriteStartArray("locations");
        json.WriteStartObject();
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", Uri.EscapeDataString(row.Arn).Replace("%3A", ":", StringComparison.Ordinal).Replace("%2F", "/", StringComparison.Ordinal));
        json.WriteEndObject();
        json.WriteStartObject("region");
        json.WriteNumber("startLine", 1);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartArray("logicalLocations");
        json.WriteStartObject();
        json.WriteString("name", row.Arn.Split(':')[^1]);
        json.WriteString("fullyQualifiedName", row.Arn);
        json.WriteString("kind", "resource");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteTool(Utf8JsonWriter json, IEnumerable<(ExportedPolicy Policy, int Severity)> rules)
    {
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "Qrie");
        json.WriteString("version", QrieVersion.Current);
        json.WriteStartArray("rules");
        foreach (var (policy, severity) in rules)
        {
            json.WriteStartObject();
            json.WriteString("id", policy.Id);
            WriteText(json, "shortDescription", Sentence(policy.Title));
            WriteText(json, "fullDescription", Sentence(policy.Description ?? policy.Title));
            json.Text("helpUri", policy.References.Count > 0 ? policy.References[0] : null);
            WriteText(json, "help", policy.Remediation ?? policy.Title, markdown: true);
            json.WriteStartObject("defaultConfiguration");
            json.WriteString("level", LevelOf(severity));
            json.WriteEndObject();
            json.WriteStartObject("properties");
            json.WriteString("security-severity", (severity / 10.0).ToString("0.0", CultureInfo.InvariantCulture));
            string[] tags = [.. new[] { "security", policy.Category }.OfType<string>(), .. policy.Requirements.Select(r => $"{r.Framework}:{r.Requirement}")];
            json.Texts("tags", tags.Distinct(StringComparer.Ordinal));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteInvocation(Utf8JsonWriter json, ExportHead head)
    {
        json.WriteStartArray("invocations");
        json.WriteStartObject();
        json.WriteBoolean("executionSuccessful", head.Incomplete is null);
        json.Time("startTimeUtc", head.Scan?.StartedAt);
        json.Time("endTimeUtc", head.Scan?.FinishedAt ?? head.At);
        json.WriteStartArray("toolExecutionNotifications");
        if (head.Incomplete is { } why)
        {
            WriteNotification(json, "error", why);
        }

        foreach (var list in head.Unread)
        {
            WriteNotification(json, "warning", $"{list.Type} in {list.AccountId}, {list.Region}: {UnreadText.Of(list)}");
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteNotification(Utf8JsonWriter json, string level, string text)
    {
        json.WriteStartObject();
        json.WriteString("level", level);
        WriteText(json, "message", text);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string text, bool markdown = false)
    {
        json.WriteStartObject(name);
        json.WriteString("text", text);
        if (markdown)
        {
            json.WriteString("markdown", text);
        }

        json.WriteEndObject();
    }

    private static string MessageOf(ExportRow row) => row.State switch
    {
        RowState.Active or RowState.Suppressed => $"{row.Policy.Title}: {row.Arn}.",
        RowState.Resolved => $"{row.Policy.Title}: {row.Arn}. Resolved: {ApiEnumNames.Of(row.ResolvedReason ?? ResolvedReason.Compliant)}.",
        _ => $"{row.Policy.Title}: {row.Arn}. {row.UnknownText}.",
    };

    private static string KindOf(ExportRow row) => row.State switch
    {
        RowState.Active or RowState.Suppressed => "fail",
        RowState.Unknown => "open",
        _ => row.ResolvedReason == ResolvedReason.Compliant ? "pass" : "notApplicable",
    };

    private static string LevelOf(int severity) => Severities.BandOf(severity) switch
    {
        SeverityBand.Critical or SeverityBand.High => "error",
        SeverityBand.Medium => "warning",
        _ => "note",
    };

    private static string Sentence(string text) => text.EndsWith('.') ? text : text + ".";
}
