using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Inventory;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Resources;

internal static class ResourceEndpoints
{
    /// <summary>Small, because configurations may be large.</summary>
    private const int CsvRowsAtOnce = 100;

    private static readonly CsvTable<StoredResource> s_table = new(
        CsvRowsAtOnce,
        ("arn", r => r.Arn),
        ("account_service", r => r.AccountService),
        ("account_id", r => r.AccountId),
        ("service", r => r.Service),
        ("resource_type", r => r.Type),
        ("resource_id", r => r.Id),
        ("region", r => r.Region),
        ("first_seen", r => r.FirstSeen),
        ("last_seen_at", r => r.LastSeen),
        ("describe_time", r => r.DescribeTime),
        ("deleted_at", r => r.DeletedAt),
        ("tags", r => r.Tags),
        ("configuration", r => r.Configuration));

    public static void MapResources(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/resources").WithTags("Resources");
        group.MapGet("", ListResources).Limits(AccountLimit.ByParameter).WithSummary("The inventory, by account_service and ARN; JSON or CSV")
            .ProducesList<ResourcePage>().ProducesProblems(400);
        group.MapGet("/{**arn}", GetResource)
            .Limits(AccountLimit.ByEndpoint).WithSummary("One resource, with its configuration, the verdict of every policy, and its history")
            .ProducesProblems(404, 409);
    }

    private static Task<IResult> ListResources(
        [AsParameters] ResourceQuery query, IResourceStore resources, FilteredLists lists, Caller caller, HttpContext context)
    {
        var errors = new FieldErrors();
        var filter = query.ToFilter(errors);
        return lists.AnswerAsync(
            context,
            new FilteredList<StoredResource>("resources", filter, (page, cancel) => resources.ListAsync(caller.Organization, filter, page, cancel)), s_table,
            query.PageSize, query.NextToken, errors,
            (found, next) => new ResourcePage(found.Select(ResourceView.From), next));
    }

    private static async Task<Ok<ResourceDetailView>> GetResource(
        [Description("Percent-encoded, including slashes.")] string arn,
        [FromQuery(Name = "account"), Description("The account, if several have this ARN.")] string? account,
        [FromQuery(Name = "account_service"), Description("The account_service, if several have this ARN.")] string? accountService,
        ResourceDetails details, Caller caller, HttpContext context, CancellationToken cancel) =>
        TypedResults.Ok(await details.FindAsync(caller, PathRest.Behind("/resources/", context) ?? arn, account, accountService, cancel));
}
