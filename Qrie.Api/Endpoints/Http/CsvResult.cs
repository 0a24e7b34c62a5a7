using System.Globalization;
using Qrie.Domain;

namespace Qrie.Api.Endpoints.Http;

/// <summary>Streams a list page by page: only one page is held in memory, and no snapshot of the store stays open while the client reads.</summary>
internal sealed class CsvResult<T>(FilteredList<T> list, CsvTable<T> table, Page<T> first, DateTimeOffset now) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, cancel) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = "text/csv; charset=utf-8; header=present";
        response.Headers.ContentDisposition = string.Create(
            CultureInfo.InvariantCulture, $"attachment; filename=\"qrie-{list.Name}-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.csv\"");
        await using var csv = CsvTable<T>.NewWriter(response.Body);
        await table.WriteHeaderAsync(csv, cancel);
        for (var page = first; ; page = await list.ReadAsync(new PageRequest(table.RowsAtOnce, page.Next), cancel))
        {
            foreach (var row in page.Items)
            {
                await table.WriteAsync(csv, row, cancel);
            }

            await csv.FlushAsync(cancel); // waits for slow clients
            if (page.Next is null)
            {
                return;
            }
        }
    }
}
