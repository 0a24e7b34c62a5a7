using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Findings;

internal static class FindingEndpoints
{
    private const int CsvRowsAtOnce = 500;

    private static readonly CsvTable<FindingGroup> s_groups = new(
        CsvRowsAtOnce,
        ("key", g => g.Key),
        ("account_service", g => g.AccountService),
        ("resource_type", g => g.Type),
        ("worst", g => ApiEnumNames.Of(g.Worst)),
        ("findings", g => g.Total),
        ("critical", g => g.Critical),
        ("high", g => g.High),
        ("medium", g => g.Medium),
        ("low", g => g.Low));

    public static void MapFindings(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/findings").WithTags("Findings");
        group.MapGet("", ListFindings).Limits(AccountLimit.ByParameter).WithSummary("Findings, the newest first or as sort says; a page of JSON, or an export")
            .ProducesExports<FindingPage>().ProducesProblems(400);
        group.MapGet("/groups", ListGroups)
            .Limits(AccountLimit.ByParameter).WithSummary("Findings counted by policy, account or resource, those with the most severe first; JSON or CSV")
            .ProducesList<FindingGroupPage>().WithExample(FindingGroupPage.Example).ProducesProblems(400);
        group.MapGet("/{findingId}", GetFinding)
            .Limits(AccountLimit.ByEndpoint).WithSummary("One finding, with its policy, its resource, how to fix it, and its history")
            .ProducesProblems(404);
    }

    private static async Task<IResult> ListFindings(
        [AsParameters] FindingQuery query,
        [Description("first_seen (newest first, the default), severity (highest first), policy, account or resource (its ARN).")] string? sort,
        IFindingStore findings, FindingExports exports, ICatalog catalog, TriageSettings triage, TimeProvider clock, FilteredLists lists, Caller caller,
        HttpContext context)
    {
        var errors = new FieldErrors();
        var order = ApiEnumNames.Find<FindingOrder>(sort);
        errors.Require(sort is null || order is not null, "sort", $"sort must be {string.Join(", ", ApiEnumNames.All<FindingOrder>())}");
        var filter = query.ToFilter(errors, catalog.Current, triage, clock.GetUtcNow()) with { Order = order ?? FindingOrder.FirstSeen };
        var format = FindingExports.Choose(query, context.Request, errors);
        var withUnknown = FindingExports.ReadUnknown(query, format, errors);
        if (format is not null)
        {
            errors.ThrowIfAny();
            return await exports.AnswerAsync(context, format, filter, withUnknown);
        }

        return await lists.PageAsync(
            context, new FilteredList<Finding>("findings", filter, (page, cancel) => findings.ListAsync(caller.Organization, filter, page, cancel)),
            query.PageSize, query.NextToken, errors,
            (found, next) => new FindingPage(found.Select(FindingView.From), found.Count, next));
    }

    private static Task<IResult> ListGroups(
        [AsParameters] FindingQuery query, [Description("policy, account or resource.")] string? by, IFindingStore findings, ICatalog catalog,
        TriageSettings triage, TimeProvider clock, FilteredLists lists, Caller caller, HttpContext context)
    {
        var errors = new FieldErrors();
        var grouping = ApiEnumNames.Find<FindingGrouping>(by);
        errors.Require(grouping is not null, "by", $"by is required: {string.Join(", ", ApiEnumNames.All<FindingGrouping>())}");
        var filter = query.ToFilter(errors, catalog.Current, triage, clock.GetUtcNow());
        foreach (var (name, value) in new[] { ("workflow", query.Workflow), ("assignee", query.Assignee), ("overdue", query.Overdue) })
        {
            errors.Require(value is null, name, $"{name} goes with GET /findings only: no counts are kept of it.");
        }

        return lists.AnswerAsync(
            context,
            new FilteredList<FindingGroup>(
                $"finding-groups-{by}", filter, (page, cancel) => findings.GroupAsync(caller.Organization, filter, grouping!.Value, page, cancel)),
            s_groups, query.PageSize, query.NextToken, errors,
            (found, next) => new FindingGroupPage(by!, found.Select(FindingGroupView.From), next));
    }

    private static async Task<Ok<FindingDetailView>> GetFinding(
        [Description("As returned by lists.")] string findingId, IFindingStore findings, FindingDetails details, Caller caller, CancellationToken cancel)
    {
        var identity = FindingIdentity.Parse(findingId);
        var finding = identity is null || !caller.Sees(AccountService.Split(identity.AccountService).AccountId)
            ? null
            : await findings.FindAsync(caller.Organization, identity.AccountService, identity.Arn, identity.PolicyId, cancel);
        return finding is null
            ? throw new NotFoundException("There is no finding with this id. Take finding_id from GET /findings or GET /resources/{arn}.")
            : TypedResults.Ok(await details.OfAsync(caller.Organization, finding, cancel));
    }
}
