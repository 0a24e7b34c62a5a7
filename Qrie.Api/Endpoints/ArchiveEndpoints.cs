using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access;
using Qrie.Domain.Accounts;
using Qrie.Domain.Archiving;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints;

internal static class ArchiveEndpoints
{
    private const string Example =
        """
        {"archive_id":"0193a1b2-7c00-7000-8000-000000000003","reason":"manual","account_id":null,"status":"completed",
         "created_at":"2026-11-30T08:00:00.000Z","finished_at":"2026-11-30T08:00:09.000Z","findings":120000,"parts":3,"bytes":9100000,"error":null}
        """;

    public static void MapArchive(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/archive").WithTags("Archive");
        group.MapGet("", ListArchives).WithSummary("The archives of findings, newest first").ProducesProblems(400)
            .WithExample($$"""{"archives":[{{Example}}]}""");
        group.MapPost("", RequestArchive).Writes(Role.Admin, AuditActions.StartArchive)
            .WithSummary("Write all findings, or those of an account, with their history to the configured bucket").ProducesProblems(400, 404, 409)
            .WithRequestExample("""{"account_id":"123456789012"}""").WithExample(Example);
    }

    private static async Task<Ok<ArchivePage>> ListArchives(
        [FromQuery(Name = "page_size")] string? pageSize, [FromQuery(Name = "next_token")] string? nextToken, IArchiveStore archives, PageTokens tokens,
        Caller caller, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var page = await tokens.ReadAsync(caller.Organization, "archives", pageSize, nextToken, errors);
        errors.ThrowIfAny();
        var found = await archives.ListAsync(caller.Organization, page, cancel);
        return TypedResults.Ok(new ArchivePage(found.Items.Select(ArchiveView.From), await tokens.WriteAsync(caller.Organization, "archives", found.Next)));
    }

    private static async Task<Accepted<ArchiveView>> RequestArchive(
        OptionalJsonBody<ArchiveBody> body, Archives archives, IAccountStore accounts, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var accountId = body.Value?.AccountId;
        if (accountId is not null && await accounts.FindAsync(caller.Organization, accountId, cancel) is null)
        {
            throw new NotFoundException($"Account {SafeText.Clean(accountId)} not found; leave account_id out for all accounts.");
        }

        var requested = await audit.MakeAsync(
            "", () => archives.RequestAsync(caller.Organization, accountId, cancel), made => [(made.ArchiveId, ArchiveView.From(made))], cancel);
        return TypedResults.Accepted("/archive", ArchiveView.From(requested));
    }

    /// <param name="AccountId">All accounts if missing, removed ones included.</param>
    internal sealed record ArchiveBody(string? AccountId);

    internal sealed record ArchivePage(
        IEnumerable<ArchiveView> Archives, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken);

    /// <param name="Reason">manual, schedule or purge.</param>
    /// <param name="AccountId">Null for all accounts.</param>
    /// <param name="Status">pending, completed or failed.</param>
    /// <param name="Bytes">The compressed size.</param>
    /// <param name="Error">Why it failed; null if it did not.</param>
    internal sealed record ArchiveView(
        string ArchiveId, string Reason, string? AccountId, string Status, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt, long Findings, int Parts,
        long Bytes, string? Error)
    {
        public static ArchiveView From(Archive a) => new(
            a.ArchiveId, ApiEnumNames.Of(a.Reason), a.AccountId, ApiEnumNames.Of(a.Status), a.CreatedAt, a.FinishedAt, a.Findings, a.Parts, a.Bytes, a.Error);
    }
}
