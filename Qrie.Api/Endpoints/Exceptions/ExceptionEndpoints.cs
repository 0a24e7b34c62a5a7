using System.ComponentModel;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Findings.Exceptions.Import;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Exceptions;

internal static class ExceptionEndpoints
{
    private const int MostBytes = 8 * 1024 * 1024;
    private const string ImportReason = "Imported: it was accepted in another tool.";

    public static void MapExceptions(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/exceptions").WithTags("Exceptions");
        group.MapGet("", ListExceptions).WithSummary("Exceptions, the newest first").WithExample(ExceptionPage.Example)
            .Produces<ExceptionPage>().ProducesProblems(400);
        group.MapPost("", CreateException).Writes(Role.Operator, AuditActions.CreateException)
            .WithSummary("Accept findings until a date: they become SUPPRESSED").ProducesProblems(400, 409)
            .WithExample(ExceptionView.Example).WithRequestExample(ExceptionBody.Example);
        group.MapGet("/{exceptionId}", GetException).WithSummary("One exception").WithExample(ExceptionView.Example).ProducesProblems(404);
        group.MapPatch("/{exceptionId}", ChangeException).Writes(Role.Operator, AuditActions.UpdateException)
            .WithSummary("Change the owner, reason, ticket or expiry of an exception that is in force").ProducesProblems(400, 404, 409)
            .WithExample(ExceptionView.Example).WithRequestExample(ExceptionChangeBody.Example);
        group.MapDelete("/{exceptionId}", RemoveException).Writes(Role.Operator, AuditActions.RemoveException)
            .WithSummary("Remove an exception: its findings become ACTIVE again").WithExample(ExceptionView.Example).ProducesProblems(404, 409);
        group.MapPost("/import", Import).Writes(Role.Operator, AuditActions.ImportExceptions)
            .WithSummary("Translate a Prowler mutelist or suppressed findings of Security Hub to exceptions; stores nothing unless dry_run=false")
            .WithMetadata(new RequestSizeLimitAttribute(MostBytes)).Accepts<string>("application/yaml", "application/json", "*/*")
            .WithExample(ExceptionImportView.Example).ProducesProblems(400, 409);
    }

    private static Task<IResult> ListExceptions(
        [AsParameters] ExceptionQuery query, IExceptionStore exceptions, ExceptionSettings settings, FilteredLists lists, TimeProvider clock, Caller caller,
        HttpContext context)
    {
        var errors = new FieldErrors();
        var now = clock.GetUtcNow();
        var status = ApiEnumNames.Find<ExceptionStatus>(query.State);
        errors.Require(
            query.State is null || status is not null, "state", $"state must be one of {string.Join(", ", ApiEnumNames.All<ExceptionStatus>())}");
        var expiring = QueryValues.Flag(query.Expiring, "expiring", errors);
        var filter = new ExceptionFilter(query.Policy, query.Account, status, expiring ? now.AddDays(settings.WarnDays) : null);
        return lists.PageAsync(
            context,
            // The time of the request is not part of the filter that a token belongs to.
            new FilteredList<(FindingException Exception, long Findings)>(
                "exceptions", new { query.Policy, query.Account, query.State, expiring },
                async (page, cancel) =>
                {
                    var found = await exceptions.ListAsync(caller.Organization, filter, page, cancel);
                    var counts = await exceptions.CountFindingsAsync(caller.Organization, [.. found.Items.Select(e => e.ExceptionId)], cancel);
                    return new Domain.Page<(FindingException, long)>(
                        [.. found.Items.Select(e => (e, counts.GetValueOrDefault(e.ExceptionId)))], found.Next);
                }),
            query.PageSize, query.NextToken, errors,
            (found, next) => new ExceptionPage(found.Select(f => ExceptionView.From(f.Exception, f.Findings, settings.WarnDays, now)), next));
    }

    private static async Task<Created<ExceptionView>> CreateException(
        JsonBody<ExceptionBody> body, ExceptionRegistry registry, TimeProvider clock, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var b = body.Value;
        var request = new ExceptionRequest(
            caller.Organization, b.PolicyId, b.Arn, b.TagKey, b.TagValue, b.AccountIds, b.Regions, b.Owner, b.Reason, b.Ticket, b.ExpiresAt,
            b.UntilChanged ?? false, caller.Actor.Id);
        var made = await audit.MakeAsync(
            "", () => registry.CreateAsync(request, cancel), e => [(e.ExceptionId, (object?)ExceptionState.Of(e))], cancel);
        return TypedResults.Created(
            $"/exceptions/{made.ExceptionId}", ExceptionView.From(made, 0, registry.Settings.WarnDays, clock.GetUtcNow()));
    }

    private static async Task<Ok<ExceptionView>> GetException(
        string exceptionId, ExceptionRegistry registry, IExceptionStore store, TimeProvider clock, Caller caller, CancellationToken cancel) =>
        TypedResults.Ok(await ViewAsync(await registry.GetAsync(caller.Organization, exceptionId, cancel), registry, store, clock, cancel));

    private static async Task<Ok<ExceptionView>> ChangeException(
        string exceptionId, JsonBody<ExceptionChangeBody> body, ExceptionRegistry registry, IExceptionStore store, TimeProvider clock, RequestAudit audit,
        Caller caller, CancellationToken cancel)
    {
        var change = new ExceptionChange(body.Value.Owner?.Trim(), body.Value.Reason?.Trim(), body.Value.Ticket?.Trim(), body.Value.ExpiresAt);
        var changed = await audit.ChangeAsync(
            exceptionId, Read(store, caller, exceptionId), () => registry.ChangeAsync(caller.Organization, exceptionId, change, cancel), cancel);
        return TypedResults.Ok(await ViewAsync(changed, registry, store, clock, cancel));
    }

    private static async Task<Ok<ExceptionView>> RemoveException(
        string exceptionId, ExceptionRegistry registry, IExceptionStore store, TimeProvider clock, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var removed = await audit.ChangeAsync(
            exceptionId, Read(store, caller, exceptionId), () => registry.RemoveAsync(caller.Organization, exceptionId, cancel), cancel);
        return TypedResults.Ok(await ViewAsync(removed, registry, store, clock, cancel));
    }

    private static async Task<Ok<ExceptionImportView>> Import(
        [AsParameters] ImportQuery query, ExceptionImport import, ExceptionSettings settings, TimeProvider clock, HttpContext context, RequestAudit audit,
        Caller caller, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var format = ApiEnumNames.Find<ImportFormat>(query.Format);
        errors.Require(format is not null, "format", $"format is required: {string.Join(", ", ApiEnumNames.All<ImportFormat>())}");
        errors.Require(query.DryRun is null or "true" or "false", "dry_run", "dry_run must be true (the default) or false");
        var expires = QueryValues.Time(query.ExpiresAt, "expires_at", errors);
        errors.ThrowIfAny();
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var request = new ExceptionImportRequest(
            caller.Organization, format!.Value, await reader.ReadToEndAsync(cancel), query.Owner, query.Reason ?? ImportReason, query.Ticket, expires,
            caller.Actor.Id);
        var report = await audit.MakeAsync(
            "", () => import.RunAsync(request, query.DryRun != "false", cancel),
            made => made.Applied ? made.Exceptions.Select(e => (e.Exception.ExceptionId, (object?)ExceptionState.Of(e.Exception))) : [], cancel);
        return TypedResults.Ok(ExceptionImportView.From(report, settings.WarnDays, clock.GetUtcNow()));
    }

    private static async Task<ExceptionView> ViewAsync(
        FindingException exception, ExceptionRegistry registry, IExceptionStore store, TimeProvider clock, CancellationToken cancel) => ExceptionView.From(
            exception,
            (await store.CountFindingsAsync(exception.Organization, [exception.ExceptionId], cancel)).GetValueOrDefault(exception.ExceptionId),
            registry.Settings.WarnDays, clock.GetUtcNow());

    private static Func<CancellationToken, Task<object?>> Read(IExceptionStore store, Caller caller, string exceptionId) =>
        async token => ExceptionState.Of(await store.FindAsync(caller.Organization, exceptionId, token));

    internal sealed record ExceptionQuery
    {
        [FromQuery(Name = "policy")]
        [Description("Those that name this policy.")]
        public string? Policy { get; init; }

        [FromQuery(Name = "account")]
        [Description("Those that cover this account.")]
        public string? Account { get; init; }

        [FromQuery(Name = "state")]
        [Description("active, expired or removed.")]
        public string? State { get; init; }

        [FromQuery(Name = "expiring")]
        [Description("true: active ones that expire within Exceptions:WarnDays.")]
        public string? Expiring { get; init; }

        [FromQuery(Name = "page_size")]
        [Description("1-100, default 50.")]
        public string? PageSize { get; init; }

        [FromQuery(Name = "next_token")]
        [Description("From the previous page, with the same filter.")]
        public string? NextToken { get; init; }
    }

    internal sealed record ImportQuery
    {
        [FromQuery(Name = "format")]
        [Description("prowler (a mutelist, YAML) or securityhub (the JSON of GetFindings).")]
        public string? Format { get; init; }

        [FromQuery(Name = "owner")]
        [Description("Who answers for the exceptions.")]
        public string? Owner { get; init; }

        [FromQuery(Name = "reason")]
        [Description("Of entries without a description or note.")]
        public string? Reason { get; init; }

        [FromQuery(Name = "ticket")]
        [Description("A reference to another system.")]
        public string? Ticket { get; init; }

        [FromQuery(Name = "expires_at")]
        [Description("A date or an instant (ISO 8601).")]
        public string? ExpiresAt { get; init; }

        [FromQuery(Name = "dry_run")]
        [Description("false: store the exceptions. By default they are only reported.")]
        public string? DryRun { get; init; }
    }
}
