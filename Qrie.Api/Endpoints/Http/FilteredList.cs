using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Qrie.Api.Access;
using Qrie.Domain;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Http;

/// <summary>A filtered list.</summary>
/// <param name="Name">As in the path; the name of the downloaded file.</param>
/// <param name="Filter">Page tokens are valid for an equal filter only.</param>
internal sealed record FilteredList<T>(string Name, object Filter, Func<PageRequest, CancellationToken, Task<Page<T>>> ReadAsync);

/// <summary>Returns lists: a page as JSON, or everything as CSV, as the caller requests.</summary>
internal sealed class FilteredLists(PageTokens tokens, TimeProvider clock)
{
    private const string Csv = "text/csv";

    /// <summary>A page, or everything as CSV.</summary>
    /// <param name="table">The CSV form.</param>
    /// <param name="errors">Errors of the filter; further errors are added.</param>
    /// <param name="view">Converts a page, with the token of the next one.</param>
    public async Task<IResult> AnswerAsync<T>(
        HttpContext context, FilteredList<T> list, CsvTable<T> table, string? pageSize, string? nextToken, FieldErrors errors,
        Func<IReadOnlyList<T>, string?, object> view)
    {
        if (WantsCsv(context.Request))
        {
            context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
            const string Whole = "CSV has no pages: it contains everything that matches the filter. Omit it, or request application/json.";
            errors.Require(pageSize is null, "page_size", Whole);
            errors.Require(nextToken is null, "next_token", Whole);
            errors.ThrowIfAny();
            // The first page is read before the response starts, so that errors can still be reported.
            return new CsvResult<T>(list, table, await list.ReadAsync(new PageRequest(table.RowsAtOnce), context.RequestAborted), clock.GetUtcNow());
        }

        return await PageAsync(context, list, pageSize, nextToken, errors, view);
    }

    /// <param name="errors">Errors of the filter; further errors are added.</param>
    /// <param name="view">Converts a page, with the token of the next one.</param>
    public async Task<IResult> PageAsync<T>(
        HttpContext context, FilteredList<T> list, string? pageSize, string? nextToken, FieldErrors errors, Func<IReadOnlyList<T>, string?, object> view)
    {
        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        // JSON, so that different filters have different texts.
        var key = $"{list.Name} {JsonSerializer.Serialize(list.Filter)}";
        var organization = Caller.Of(context).Organization;
        var page = await tokens.ReadAsync(organization, key, pageSize, nextToken, errors);
        errors.ThrowIfAny();
        var found = await list.ReadAsync(page, context.RequestAborted);
        return TypedResults.Ok(view(found.Items, await tokens.WriteAsync(organization, key, found.Next)));
    }

    /// <summary>CSV must be requested explicitly; a wildcard means JSON.</summary>
    private static bool WantsCsv(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        var csv = accepted.Where(a => a.MediaType.Equals(Csv, StringComparison.OrdinalIgnoreCase)).Max(a => (double?)(a.Quality ?? 1));
        var json = accepted.Where(a => a.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)).Max(a => (double?)(a.Quality ?? 1));
        return csv > 0 && csv >= (json ?? 0);
    }
}
