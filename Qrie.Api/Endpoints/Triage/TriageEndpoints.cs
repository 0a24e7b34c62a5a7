using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Findings;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Triage;

/// <summary>What people note about findings: workflow, assignee, due date, comments.</summary>
internal static class TriageEndpoints
{
    private const int HistoryShown = 50;

    public static void MapTriage(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/findings").WithTags("Findings");
        group.MapGet("/{findingId}/triage", GetTriage).WithSummary("Workflow, assignee, due date and history of a finding").ProducesProblems(404)
            .WithExample(TriageView.Example);
        group.MapPatch("/{findingId}/triage", ChangeTriage).Writes(Role.Operator, AuditActions.Triage)
            .WithSummary("Change the workflow, assignee or due date of a finding, with a comment").ProducesProblems(400, 404, 409)
            .WithExample(TriageView.Example).WithRequestExample(TriageBody.Example);
        group.MapGet("/{findingId}/comments", ListComments).WithSummary("The comments on a finding, newest first").Produces<CommentPage>()
            .ProducesProblems(400, 404).WithExample(CommentPage.Example);
        group.MapPost("/{findingId}/comments", AddComment).Writes(Role.Operator, AuditActions.Comment).WithSummary("Comment on a finding")
            .ProducesProblems(400, 404).WithExample(TriageEntryView.Example).WithRequestExample(CommentBody.Example);
        group.MapPatch("/triage", ChangeAll).Writes(Role.Operator, AuditActions.Triage)
            .WithSummary("Change the first findings that match a filter and are not resolved").ProducesProblems(400)
            .WithExample(BulkTriageView.Example).WithRequestExample(TriageBody.Example);
    }

    private static async Task<Ok<TriageView>> GetTriage(
        [Description("As returned by lists.")] string findingId, IFindingStore findings, ITriageStore store, TriageSettings settings, TimeProvider clock,
        Caller caller, CancellationToken cancel)
    {
        var finding = await FindAsync(findings, caller, findingId, cancel);
        return TypedResults.Ok(await ViewAsync(finding, caller, store, settings, clock, cancel));
    }

    private static async Task<Ok<TriageView>> ChangeTriage(
        [Description("As returned by lists.")] string findingId, JsonBody<TriageBody> body, TriageDesk desk, IFindingStore findings, ITriageStore store,
        TriageSettings settings, TimeProvider clock, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var change = Read(body.Value);
        var identity = IdentityOf(await FindAsync(findings, caller, findingId, cancel));
        var changed = await audit.ChangeAsync(
            findingId,
            async token => StateOf(await findings.FindAsync(caller.Organization, identity.AccountService, identity.Arn, identity.PolicyId, token)),
            () => desk.ChangeAsync(caller.Organization, identity, change, ActorOf(caller, clock), cancel), cancel);
        return TypedResults.Ok(await ViewAsync(changed, caller, store, settings, clock, cancel));
    }

    private static async Task<IResult> ListComments(
        [Description("As returned by lists.")] string findingId,
        [FromQuery(Name = "page_size"), Description("1-100, default 50.")] string? pageSize,
        [FromQuery(Name = "next_token"), Description("From the previous page.")] string? nextToken,
        IFindingStore findings, ITriageStore store, FilteredLists lists, Caller caller, HttpContext context)
    {
        var identity = IdentityOf(await FindAsync(findings, caller, findingId, context.RequestAborted));
        return await lists.PageAsync(
            context,
            new FilteredList<TriageEntry>(
                "comments", findingId, (page, cancel) => store.ListAsync(caller.Organization, identity, commentsOnly: true, page, cancel)),
            pageSize, nextToken, new FieldErrors(), (found, next) => new CommentPage(found.Select(TriageEntryView.From), next));
    }

    private static async Task<Created<TriageEntryView>> AddComment(
        [Description("As returned by lists.")] string findingId, JsonBody<CommentBody> body, TriageDesk desk, IFindingStore findings, TimeProvider clock,
        RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var identity = IdentityOf(await FindAsync(findings, caller, findingId, cancel));
        var entry = await audit.MakeAsync(
            findingId, () => desk.CommentAsync(caller.Organization, identity, body.Value.Text, ActorOf(caller, clock), cancel),
            made => [(findingId, (object?)new { made.EntryId, made.Text })], cancel);
        return TypedResults.Created($"/findings/{findingId}/comments", TriageEntryView.From(entry));
    }

    private static async Task<Ok<BulkTriageView>> ChangeAll(
        [AsParameters] FindingQuery query,
        [FromQuery, Description("How many findings at most: 1-1000, default 1000.")] string? limit,
        JsonBody<TriageBody> body, TriageDesk desk, TriageSettings settings, ICatalog catalog, TimeProvider clock, RequestAudit audit, Caller caller,
        HttpContext context, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var most = TriageDesk.MostAtOnce;
        errors.Require(
            limit is null || (int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out most) && most is >= 1 and <= TriageDesk.MostAtOnce),
            "limit", $"limit must be a whole number from 1 to {TriageDesk.MostAtOnce}");
        errors.Require(query.State is not "RESOLVED", "state", "Resolved findings cannot be changed; they can be commented one by one.");
        errors.Require(query.PageSize is null && query.NextToken is null, "page_size", "There are no pages; use limit.");
        errors.Require(query.Format is null, "format", "format goes with GET /findings only.");
        var filter = query.ToFilter(errors, catalog.Current, settings, clock.GetUtcNow());
        errors.ThrowIfAny();
        var change = Read(body.Value);
        var (changed, more) = await audit.MakeAsync(
            "", () => desk.ChangeAllAsync(caller.Organization, filter, most, change, ActorOf(caller, clock), cancel),
            // The filter is in the query.
            done => [("bulk", (object?)new { Query = context.Request.QueryString.Value, Change = body.Value, done.Changed })], cancel);
        return TypedResults.Ok(new BulkTriageView(changed, more));
    }

    private static async Task<TriageView> ViewAsync(
        Finding finding, Caller caller, ITriageStore store, TriageSettings settings, TimeProvider clock, CancellationToken cancel)
    {
        var history = await store.ListAsync(caller.Organization, IdentityOf(finding), commentsOnly: false, new PageRequest(HistoryShown), cancel);
        return TriageView.From(finding, history.Items, settings, clock.GetUtcNow());
    }

    private static async Task<Finding> FindAsync(IFindingStore findings, Caller caller, string findingId, CancellationToken cancel) =>
        FindingIdentity.Parse(findingId) is { } identity
            && await findings.FindAsync(caller.Organization, identity.AccountService, identity.Arn, identity.PolicyId, cancel) is { } finding
                ? finding
                : throw TriageDesk.NotFound();

    private static TriageChange Read(TriageBody body)
    {
        var workflow = ApiEnumNames.FindUpper<Workflow>(body.Workflow);
        return body.Workflow is not null && workflow is null
            ? throw InvalidInputException.Of("workflow", "workflow must be NEW, NOTIFIED, IN_PROGRESS, RISK_ACCEPTED or FALSE_POSITIVE")
            : new TriageChange(
                workflow, body.Assignee?.Trim(), body.DueDate?.Trim(), string.IsNullOrWhiteSpace(body.Comment) ? null : body.Comment.Trim());
    }

    private static object? StateOf(Finding? finding) => finding is null ? null : new
    {
        Workflow = ApiEnumNames.Of(TriageView.WorkflowOf(finding)),
        finding.Triage?.Assignee,
        finding.Triage?.DueOn,
    };

    private static FindingIdentity IdentityOf(Finding finding) => new(finding.AccountService, finding.Arn, finding.PolicyId);

    private static TriageActor ActorOf(Caller caller, TimeProvider clock) => new(caller.Actor.Id, caller.Actor.Name, clock.GetUtcNow());
}
