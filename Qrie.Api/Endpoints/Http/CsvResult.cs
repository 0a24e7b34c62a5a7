using System.Globalization;
using System.Text;
using Qrie.Domain;

namespace Qrie.Api.Endpoints.Http;

/// <summary>Streams a list page by page: only one page is held in memory, and no snapshot of the store stays open while the client reads.</summary>
internal sealed class CsvResult<T>(FilteredList<T> list, Page<T> first, DateTimeOffset now) : IResult
{
    private const int Buffer = 16 * 1024;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, cancel) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = "text/csv; charset=utf-8; header=present";
        response.Headers.ContentDisposition = string.Create(
            CultureInfo.InvariantCulture, $"attachment; filename=\"qrie-{list.Name}-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.csv\"");
        await using var writer = new StreamWriter(response.Body, s_utf8, Buffer, leaveOpen: true);
        var text = new StringBuilder(list.Table.Header);
        for (var page = first; ; page = await list.ReadAsync(new PageRequest(list.Table.RowsAtOnce, page.Next), cancel))
        {
            foreach (var row in page.Items)
            {
                list.Table.Append(text, row);
            }

            await writer.WriteAsync(text, cancel);
            await writer.FlushAsync(cancel); // waits for slow clients
            text.Clear();
            if (page.Next is null)
            {
                return;
            }
        }
    }
}
