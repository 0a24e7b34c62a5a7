using Qrie.Api.Endpoints.Http;

namespace Qrie.Api.Exports.Formats;

/// <summary>RFC 4180 with a header line; text that a spreadsheet would evaluate is escaped.</summary>
internal sealed class CsvFormat : IExportFormat
{
    private const int RowsAtOnce = 500;

    private static readonly CsvTable<ExportRow> s_table = new(
        RowsAtOnce,
        ("finding_id", r => r.FindingId),
        ("arn", r => r.Arn),
        ("policy", r => r.Policy.Id),
        ("account_service", r => r.AccountService),
        ("account_id", r => r.AccountId),
        ("service", r => r.Service),
        ("resource_type", r => r.ResourceType),
        ("region", r => r.Region),
        ("severity", r => r.Severity),
        ("state", r => RowNames.Of(r.State)),
        ("first_seen", r => r.FirstSeen),
        ("last_evaluated", r => r.LastEvaluated),
        ("describe_time", r => r.DescribeTime),
        ("resolved_at", r => r.ResolvedAt),
        ("resolved_reason", r => r.ResolvedReason is { } reason ? ApiEnumNames.Of(reason) : null),
        ("scan_id", r => r.ScanId),
        ("evidence", r => r.Evidence),
        ("title", r => r.Policy.Title),
        ("unknown_attribute", r => r.Unknown?.Attribute),
        ("unknown_code", r => r.Unknown?.Code),
        ("exception_id", r => r.Exception?.ExceptionId),
        ("baseline", r => r.Baseline is { } baseline ? RowNames.Of(baseline) : null));

    public string Name => "csv";

    public string MediaType => "text/csv; charset=utf-8; header=present";

    public string Extension => "csv";

    public async Task WriteAsync(Export export, Stream stream, CancellationToken cancel)
    {
        await using var csv = CsvTable<ExportRow>.NewWriter(stream);
        await s_table.WriteHeaderAsync(csv, cancel);
        var rows = 0;
        await foreach (var row in export.Rows.WithCancellation(cancel))
        {
            await s_table.WriteAsync(csv, row, cancel);
            if (++rows % RowsAtOnce == 0)
            {
                await csv.FlushAsync(cancel); // waits for slow clients
            }
        }

        await csv.FlushAsync(cancel);
    }
}
