using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access;
using Qrie.Domain.Accounts;
using Qrie.Domain.Management;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Accounts;

internal static class AccountImportEndpoints
{
    private const int MostBytes = 8 * 1024 * 1024;

    public static void MapAccountImport(this IEndpointRouteBuilder routes) => routes.MapPost("/accounts/import", Import)
        .WithTags("Accounts")
        .WithSummary("Register or change many accounts from CSV (text/csv) or a JSON array: all of them, or with on_error=skip all valid lines")
        .WithMetadata(new RequestSizeLimitAttribute(MostBytes))
        .Accepts<IReadOnlyList<ImportBody>>("application/json", "text/csv", "*/*")
        .Produces<ImportView>().Produces<ImportView>(400)
        .Writes(Role.Admin, AuditActions.ImportAccounts);

    private static async Task<IResult> Import(
        [FromQuery(Name = "on_error")] string? onError, [FromQuery(Name = "dry_run")] string? dryRun,
        [FromQuery] string? scan, AccountImport import, HttpContext context,
        RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        errors.Require(
            onError is null or "refuse" or "skip", "on_error",
            "on_error must be refuse (nothing is changed if a line is invalid) or skip (valid lines are imported)");
        var (dry, scans) = (QueryValues.Flag(dryRun, "dry_run", errors), QueryValues.Flag(scan, "scan", errors));
        errors.ThrowIfAny();
        var lines = IsCsv(context.Request) ? await CsvAccounts.ReadAsync(context.Request.Body, cancel) : Lines(await ReadJsonAsync(context));
        errors.Require(lines.Count > 0, "body", "The body contains no accounts.");
        errors.Require(lines.Count <= AccountImport.MostLines, "body",
            $"The body contains {lines.Count} accounts; send at most {AccountImport.MostLines} at once.");
        errors.ThrowIfAny();
        var report = await audit.ChangeEachAsync(
            () => import.RunAsync(caller.Organization, lines, onError == "skip", dry, scans, cancel),
            done => done.Applied
                ? done.Lines.Where(l => l.Outcome is ImportOutcome.Created or ImportOutcome.Updated)
                    .Select(l => (l.AccountId!, (object?)AccountState.Of(l.Before), (object?)AccountState.Of(l.After)))
                : [],
            cancel);
        var view = ImportView.From(report, dry);
        return view.Errors > 0 && onError != "skip" && !dry ? TypedResults.BadRequest(view) : TypedResults.Ok(view);
    }

    private static bool IsCsv(HttpRequest request) => request.ContentType?.StartsWith("text/csv", StringComparison.OrdinalIgnoreCase) is true;

    /// <summary>An array, or an object with one in <c>accounts</c>.</summary>
    private static async Task<JsonElement> ReadJsonAsync(HttpContext context)
    {
        JsonElement body;
        try
        {
            body = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body, ApiJson.Options, context.RequestAborted);
        }
        catch (JsonException)
        {
            throw InvalidInputException.Of("body", "The body must be CSV (Content-Type: text/csv) or a JSON array of accounts; it is absent or neither.");
        }

        var list = body.ValueKind == JsonValueKind.Object && body.TryGetProperty("accounts", out var accounts) ? accounts : body;
        return list.ValueKind == JsonValueKind.Array
            ? list
            : throw InvalidInputException.Of("body", "The body must be a JSON array of accounts, or an object with one under accounts.");
    }

    private static List<ImportLine> Lines(JsonElement list) => [.. list.EnumerateArray().Select((item, i) =>
    {
        try
        {
            var body = item.ValueKind == JsonValueKind.Object
                ? item.Deserialize<ImportBody>(ApiJson.Options)!
                : throw new JsonException(null, "$.account", null, null);
            return new ImportLine(i + 1, body.AccountId, body.ToSettings(), []);
        }
        catch (JsonException e)
        {
            var field = e.Path is { Length: > 2 } path ? path[2..].Split('.', '[')[0] : "account";
            var accountId = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("account_id", out var id) && id.ValueKind == JsonValueKind.String
                ? id.GetString()
                : null;
            return new ImportLine(i + 1, accountId, new AccountSettings(), [(field, $"{field} has the wrong type.")]);
        }
    })];

    internal sealed record ImportBody(
        string? AccountId, string? Name, string? Ou, IReadOnlyDictionary<string, string>? Tags,
        string? RoleArn, string? ExternalId, IReadOnlyList<string>? Regions, IReadOnlyList<string>? Services)
    {
        public AccountSettings ToSettings() => new SettingsBody(Name, Ou, Tags, RoleArn, ExternalId, Regions, Services).ToSettings();
    }

    /// <param name="Message">A summary in one sentence.</param>
    /// <param name="Applied">False if nothing was changed.</param>
    /// <param name="ScanIds">Scans started by the import.</param>
    internal sealed record ImportView(
        string Message, string? Error, bool Applied, int Created, int Updated,
        int Unchanged, int Errors, IReadOnlyList<string> ScanIds, IEnumerable<LineView> Lines)
    {
        public static ImportView From(ImportReport report, bool dryRun)
        {
            int Count(ImportOutcome outcome) => report.Lines.Count(l => l.Outcome == outcome);
            var wrong = Count(ImportOutcome.Error);
            var message = report.Applied ? $"{report.Lines.Count - wrong} accounts imported, {wrong} lines skipped."
                : dryRun ? $"Nothing was changed (dry_run); {wrong} of {report.Lines.Count} lines are invalid."
                : $"Nothing was changed: {wrong} of {report.Lines.Count} lines are invalid. Fix them, or import the others with on_error=skip.";
            return new ImportView(
                message, report.Applied || dryRun ? null : message, report.Applied,
                Count(ImportOutcome.Created), Count(ImportOutcome.Updated), Count(ImportOutcome.Unchanged), wrong,
                report.ScanIds, report.Lines.Select(l => new LineView(l.Line, l.AccountId, ApiEnumNames.Of(l.Outcome), l.Errors)));
        }
    }

    /// <param name="Line">The first line of a CSV record, or the position in a JSON array; from 1.</param>
    /// <param name="Outcome">created, updated, unchanged or error; what would have happened if the import was not applied.</param>
    internal sealed record LineView(int Line, string? AccountId, string Outcome, IReadOnlyDictionary<string, string[]> Errors);
}
