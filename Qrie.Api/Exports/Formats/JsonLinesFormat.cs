using System.Text.Json;
using Qrie.Api.Endpoints.Http;

namespace Qrie.Api.Exports.Formats;

/// <summary>One JSON object per line and row, with the names of <c>GET /findings</c>. Also what <c>qrie scan --baseline</c> reads.</summary>
internal sealed class JsonLinesFormat : IExportFormat
{
    public string Name => "jsonl";

    public string MediaType => "application/x-ndjson; charset=utf-8";

    public string Extension => "jsonl";

    public async Task WriteAsync(Export export, Stream stream, CancellationToken cancel)
    {
        await using var lines = new JsonStream(stream);
        await foreach (var row in export.Rows.WithCancellation(cancel))
        {
            Write(lines.Json, row);
            lines.Between("\n"u8);
            await lines.RowAsync(cancel);
        }

        await lines.SendAsync(cancel);
    }

    private static void Write(Utf8JsonWriter json, ExportRow row)
    {
        json.WriteStartObject();
        json.WriteString("finding_id", row.FindingId);
        json.WriteString("arn", row.Arn);
        json.WriteString("policy", row.Policy.Id);
        json.WriteString("title", row.Policy.Title);
        json.WriteString("account_service", row.AccountService);
        json.WriteString("account_id", row.AccountId);
        json.WriteString("service", row.Service);
        json.WriteString("resource_type", row.ResourceType);
        json.WriteString("region", row.Region);
        json.WriteNumber("severity", row.Severity);
        json.WriteString("state", RowNames.Of(row.State));
        json.Time("first_seen", row.FirstSeen);
        json.Time("last_evaluated", row.LastEvaluated);
        json.Time("describe_time", row.DescribeTime);
        json.Time("resolved_at", row.ResolvedAt);
        json.Text("resolved_reason", row.ResolvedReason is { } reason ? ApiEnumNames.Of(reason) : null);
        json.Text("exception_id", row.Exception?.ExceptionId);
        json.Text("scan_id", row.ScanId);
        json.Text("baseline", row.Baseline is { } baseline ? RowNames.Of(baseline) : null);
        json.Texts("requirements", row.Policy.Requirements.Select(r => $"{r.Framework}:{r.Requirement}"));
        if (row.Unknown is { } unknown)
        {
            json.WriteStartObject("unknown");
            json.Text("attribute", unknown.Attribute);
            json.WriteString("code", unknown.Code);
            json.Text("detail", unknown.Detail);
            json.WriteEndObject();
        }

        if (row.Evidence is { } evidence)
        {
            json.Stored("evidence", evidence);
        }

        json.WriteEndObject();
    }
}
