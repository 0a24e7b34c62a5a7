using System.Globalization;
using System.Runtime.CompilerServices;
using Qrie.Api.Exports;

namespace Qrie.Api.Endpoints.Http;

/// <summary>Streams an export as a file. Its first row is read before the response starts, so that errors can still be reported.</summary>
internal sealed class ExportResult : IResult
{
    private readonly IExportFormat _format;
    private readonly Export _export;
    private readonly IAsyncEnumerator<ExportRow> _rows;
    private readonly bool _any;

    private ExportResult(IExportFormat format, Export export, IAsyncEnumerator<ExportRow> rows, bool any)
    {
        _format = format;
        _export = export;
        _rows = rows;
        _any = any;
    }

    public static async Task<ExportResult> OfAsync(IExportFormat format, Export export, CancellationToken cancel)
    {
        var rows = export.Rows.GetAsyncEnumerator(cancel);
        return new ExportResult(format, export, rows, await rows.MoveNextAsync());
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, cancel) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = _format.MediaType;
        response.Headers.ContentDisposition = string.Create(
            CultureInfo.InvariantCulture,
            $"attachment; filename=\"qrie-findings-{_export.Head.At.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.{_format.Extension}\"");
        await using (_rows)
        {
            await _format.WriteAsync(_export with { Rows = RestAsync(cancel) }, response.Body, cancel);
        }
    }

    private async IAsyncEnumerable<ExportRow> RestAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        for (var more = _any; more; more = await _rows.MoveNextAsync())
        {
            cancel.ThrowIfCancellationRequested();
            yield return _rows.Current;
        }
    }
}
