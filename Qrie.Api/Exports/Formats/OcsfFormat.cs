using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Hosting;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;

namespace Qrie.Api.Exports.Formats;

/// <summary>
/// A JSON array of OCSF 1.6.0 Compliance Findings (class 2003) with the cloud profile. An unknown verdict has the compliance status Warning, which OCSF defines
/// as a check without a result because information is missing.
/// </summary>
internal sealed class OcsfFormat : IExportFormat
{
    private const string Version = "1.6.0";
    private const int CategoryUid = 2;
    private const int ClassUid = 2003;

    public string Name => "ocsf";

    public string MediaType => "application/json; charset=utf-8";

    public string Extension => "ocsf.json";

    public async Task WriteAsync(Export export, Stream stream, CancellationToken cancel)
    {
        await using var output = new JsonStream(stream);
        output.Json.WriteStartArray();
        await foreach (var row in export.Rows.WithCancellation(cancel))
        {
            Write(output.Json, row, export.Head);
            await output.RowAsync(cancel);
        }

        output.Json.WriteEndArray();
        await output.SendAsync(cancel);
    }

    private static void Write(Utf8JsonWriter json, ExportRow row, ExportHead head)
    {
        var (activity, activityName) = row.State switch
        {
            RowState.Resolved => (3, "Close"),
            _ when row.Baseline == BaselineState.Unchanged => (2, "Update"),
            _ => (1, "Create"),
        };
        json.WriteStartObject();
        json.WriteNumber("activity_id", activity);
        json.WriteString("activity_name", activityName);
        json.WriteNumber("category_uid", CategoryUid);
        json.WriteString("category_name", "Findings");
        json.WriteNumber("class_uid", ClassUid);
        json.WriteString("class_name", "Compliance Finding");
        json.WriteNumber("type_uid", (ClassUid * 100) + activity);
        json.WriteString("type_name", $"Compliance Finding: {activityName}");
        json.WriteNumber("time", Ms(row.ResolvedAt ?? row.FirstSeen ?? row.LastEvaluated));
        var (severity, severityName) = SeverityOf(row.Severity);
        json.WriteNumber("severity_id", severity);
        json.WriteString("severity", severityName);
        var (status, statusName) = row.State switch
        {
            RowState.Resolved => (4, "Resolved"),
            RowState.Suppressed => (3, "Suppressed"),
            _ => (1, "New"),
        };
        json.WriteNumber("status_id", status);
        json.WriteString("status", statusName);
        json.Text("status_detail", row.UnknownText ?? row.ExceptionText ?? (row.ResolvedReason is { } reason ? ApiEnumNames.Of(reason) : null));
        json.WriteString("message", row.Policy.Title);
        WriteMetadata(json, row, head);
        WriteFinding(json, row);
        WriteCompliance(json, row);
        WriteResource(json, row);
        WriteRemediation(json, row.Policy);
        json.WriteStartObject("cloud");
        json.WriteString("provider", "AWS");
        json.WriteString("region", row.Region);
        json.WriteStartObject("account");
        json.WriteString("uid", row.AccountId);
        json.WriteString("type", "AWS Account");
        json.WriteNumber("type_id", 10);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter json, ExportRow row, ExportHead head)
    {
        json.WriteStartObject("metadata");
        json.WriteString("version", Version);
        json.Texts("profiles", ["cloud"]);
        json.Text("correlation_uid", row.ScanId);
        json.WriteString("event_code", row.Policy.Id);
        json.WriteNumber("processed_time", Ms(head.At));
        json.WriteStartObject("product");
        json.WriteString("name", "Qrie");
        json.WriteString("vendor_name", "Qrie");
        json.WriteString("version", QrieVersion.Current);
        json.WriteEndObject();
        if (head.Incomplete is not null)
        {
            json.Texts("labels", ["incomplete"]);
        }

        json.WriteEndObject();
    }

    private static void WriteFinding(Utf8JsonWriter json, ExportRow row)
    {
        json.WriteStartObject("finding_info");
        json.WriteString("uid", row.FindingId);
        json.WriteString("title", row.Policy.Title);
        json.Text("desc", row.Policy.Description);
        if (row.FirstSeen is { } first)
        {
            json.WriteNumber("created_time", Ms(first));
            json.WriteNumber("first_seen_time", Ms(first));
        }

        json.WriteNumber("last_seen_time", Ms(row.LastEvaluated));
        if (row.ResolvedAt is { } resolved)
        {
            json.WriteNumber("modified_time", Ms(resolved));
        }

        if (row.Policy.Category is { } category)
        {
            json.Texts("types", [category]);
        }

        json.WriteEndObject();
    }

    private static void WriteCompliance(Utf8JsonWriter json, ExportRow row)
    {
        var (status, name) = row.State switch
        {
            RowState.Active or RowState.Suppressed => (3, "Fail"),
            RowState.Unknown => (2, "Warning"),
            _ when row.ResolvedReason == ResolvedReason.Compliant => (1, "Pass"),
            _ => (0, (string?)null), // the resource or the policy is gone: there is no result
        };
        json.WriteStartObject("compliance");
        json.WriteString("control", row.Policy.Id);
        json.Text("category", row.Policy.Category);
        json.Texts("standards", row.Policy.Requirements.Select(r => r.Standard).Distinct(StringComparer.Ordinal));
        json.Texts("requirements", row.Policy.Requirements.Select(r => $"{r.Framework} {r.Requirement}"));
        if (name is not null)
        {
            json.WriteNumber("status_id", status);
            json.WriteString("status", name);
        }

        if (row.Unknown is { } unknown)
        {
            json.WriteString("status_code", unknown.Code);
            json.Texts("status_details", [row.UnknownText!]);
        }

        json.WriteEndObject();
    }

    private static void WriteResource(Utf8JsonWriter json, ExportRow row)
    {
        json.WriteStartArray("resources");
        json.WriteStartObject();
        json.WriteString("uid", row.Arn);
        json.WriteString("type", row.ResourceType);
        json.WriteString("region", row.Region);
        json.WriteString("cloud_partition", row.Arn.Split(':') is ["arn", { Length: > 0 } partition, ..] ? partition : "aws");
        json.WriteStartObject("group");
        json.WriteString("name", row.Service);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        if (row.Evidence is { } evidence)
        {
            // As text: evidence may contain what is no valid JSON text elsewhere, half a surrogate pair.
            json.WriteString("raw_data", Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(evidence)));
        }
    }

    private static void WriteRemediation(Utf8JsonWriter json, ExportedPolicy policy)
    {
        if (policy.Remediation is not { } text)
        {
            return;
        }

        json.WriteStartObject("remediation");
        json.WriteString("desc", text);
        if (policy.References.Count > 0)
        {
            json.Texts("references", policy.References);
        }

        json.WriteEndObject();
    }

    private static (int Id, string Name) SeverityOf(int severity) => Severities.BandOf(severity) switch
    {
        SeverityBand.Critical => (5, "Critical"),
        SeverityBand.High => (4, "High"),
        SeverityBand.Medium => (3, "Medium"),
        _ => (2, "Low"),
    };

    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
}
