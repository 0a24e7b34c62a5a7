using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Findings;

internal static class FindingEndpoints
{
    public static void MapFindings(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/findings").WithTags("Findings");
        group.MapGet("", ListFindings).WithSummary("Findings, by first_seen (newest first), ARN, policy, account_service; a page of JSON, or an export")
            .ProducesExports<FindingPage>().ProducesProblems(400);
        group.MapGet("/{findingId}", GetFinding).WithSummary("One finding, with its policy, its resource, how to fix it, and its history")
            .ProducesProblems(404);
    }

    private static async Task<IResult> ListFindings(
        [AsParameters] FindingQuery query, IFindingStore findings, FindingExports exports, ICatalog catalog, FilteredLists lists, Caller caller,
        HttpContext context)
    {
        var errors = new FieldErrors();
        var filter = query.ToFilter(errors, catalog.Current);
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

    private static async Task<Ok<FindingDetailView>> GetFinding(
        [Description("As returned by lists.")] string findingId, IFindingStore findings, FindingDetails details, Caller caller, CancellationToken cancel)
    {
        var identity = FindingIdentity.Parse(findingId);
        var finding = identity is null
            ? null
            : await findings.FindAsync(caller.Organization, identity.AccountService, identity.Arn, identity.PolicyId, cancel);
        return finding is null
            ? throw new NotFoundException("There is no finding with this id. Take finding_id from GET /findings or GET /resources/{arn}.")
            : TypedResults.Ok(await details.OfAsync(caller.Organization, finding, cancel));
    }
}
