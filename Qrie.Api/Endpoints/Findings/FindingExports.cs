using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Exports;
using Qrie.Domain.Findings;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Findings;

/// <summary>Which format of the list a caller wants, and the list in that format.</summary>
internal sealed class FindingExports(ExportReader reader)
{
    private const string Json = "json";

    /// <summary>
    /// Formats with a media type of their own that clients name in Accept; the others are requested with <c>format</c>, because their types do not tell them
    /// apart or because browsers accept them for every page.
    /// </summary>
    private static readonly IReadOnlyList<string> s_negotiated = ["csv", "jsonl", "sarif", "markdown"];

    /// <summary>Null for a page of JSON. An unknown format is an error.</summary>
    public static IExportFormat? Choose(FindingQuery query, HttpRequest request, FieldErrors errors)
    {
        if (query.Format is { } name)
        {
            var found = ExportFormats.Find(name);
            errors.Require(found is not null || name == Json, "format", $"format must be one of {Json}, {ExportFormats.Names}");
            return found;
        }

        var accepted = request.GetTypedHeaders().Accept;
        double? QualityOf(string type) => accepted.Where(a => a.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Max(a => (double?)(a.Quality ?? 1));
        var json = QualityOf("application/json") ?? 0;
        return s_negotiated.Select(ExportFormats.Find).OfType<IExportFormat>()
            .Select(format => (Format: format, Quality: QualityOf(format.MediaType.Split(';')[0]) ?? 0))
            .Where(f => f.Quality > 0 && f.Quality >= json)
            .OrderByDescending(f => f.Quality)
            .Select(f => f.Format)
            .FirstOrDefault();
    }

    /// <summary>Checks what only a page of JSON, or only an export, may have.</summary>
    public static bool ReadUnknown(FindingQuery query, IExportFormat? format, FieldErrors errors)
    {
        var withUnknown = QueryValues.Flag(query.IncludeUnknown, "include_unknown", errors);
        if (format is null)
        {
            errors.Require(!withUnknown, "include_unknown", "include_unknown goes with exports only; request one with format. See GET /coverage.");
            return false;
        }

        var whole = $"{format.Name} has no pages: it contains everything that matches the filter. Omit it, or request application/json.";
        errors.Require(query.PageSize is null, "page_size", whole);
        errors.Require(query.NextToken is null, "next_token", whole);
        errors.Require(
            !withUnknown || query.State is null, "include_unknown", "include_unknown cannot be combined with state, because an unknown verdict has neither.");
        return withUnknown;
    }

    public async Task<IResult> AnswerAsync(HttpContext context, IExportFormat format, FindingFilter filter, bool withUnknown)
    {
        context.Response.Headers.Append("Vary", "Accept");
        var export = await reader.ReadAsync(Caller.Of(context).Organization, filter with { WithoutSuppressed = false }, withUnknown, context.RequestAborted);
        return await ExportResult.OfAsync(format, export, context.RequestAborted);
    }
}
