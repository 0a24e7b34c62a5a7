using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints;

internal static class ResourceEndpoints
{
    private static readonly JsonElement NoConfiguration = JsonElement.Parse("{}"u8);

    public static void MapResources(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/resources", ListResources).WithTags("Resources")
            .WithSummary("The inventory, by account_service and ARN; deleted resources are left out").ProducesProblems(400);

    private static async Task<Ok<ResourcePage>> ListResources(
        [AsParameters] ResourceQuery query, IResourceStore resources, PageTokens tokens, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var filter = query.ToFilter();
        var list = $"resources {filter}";
        var page = await tokens.ReadAsync(list, query.PageSize, query.NextToken, errors);
        errors.ThrowIfAny();
        var found = await resources.ListAsync(Organizations.Default, filter, page, cancel);
        return TypedResults.Ok(new ResourcePage(found.Items.Select(ResourceView.From), await tokens.WriteAsync(list, found.Next)));
    }

    /// <param name="Account">Exact account id.</param>
    /// <param name="AccountId">The same by another name.</param>
    /// <param name="Type">A service (<c>s3</c>) or a resource type (<c>AWS::S3::Bucket</c>); one that is not known has no resources.</param>
    /// <param name="Service">A service.</param>
    /// <param name="PageSize">1-100, default 50.</param>
    /// <param name="NextToken">From the page before.</param>
    internal sealed record ResourceQuery(
        [FromQuery(Name = "account")] string? Account,
        [FromQuery(Name = "account_id")] string? AccountId,
        [FromQuery(Name = "type")] string? Type,
        [FromQuery(Name = "service")] string? Service,
        [FromQuery(Name = "page_size")] string? PageSize,
        [FromQuery(Name = "next_token")] string? NextToken)
    {
        public ResourceFilter ToFilter()
        {
            var isType = Type?.Contains("::", StringComparison.Ordinal) == true;
            return new ResourceFilter(Account ?? AccountId, isType ? Service : Type ?? Service, isType ? Type : null);
        }
    }

    internal sealed record ResourcePage(
        IEnumerable<ResourceView> Resources, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken);

    /// <summary><c>tags</c> is null when they could not be read.</summary>
    internal sealed record ResourceView(
        string Arn, string AccountService, string ResourceType, string Region, DateTimeOffset LastSeenAt, DateTimeOffset DescribeTime,
        DateTimeOffset FirstSeen, IReadOnlyDictionary<string, string>? Tags, JsonElement Configuration)
    {
        public static ResourceView From(StoredResource r) => new(
            r.Arn, r.AccountService, r.Type, r.Region, r.LastSeen, r.DescribeTime, r.FirstSeen, r.Tags, r.Configuration ?? NoConfiguration);
    }
}
