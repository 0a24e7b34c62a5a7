using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Inventory;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Resources;

/// <param name="Account">Exact account id.</param>
/// <param name="AccountId">The same by another name.</param>
/// <param name="Type">A service (<c>s3</c>) or a resource type (<c>AWS::S3::Bucket</c>); one that is not known has no resources.</param>
/// <param name="Service">A service.</param>
/// <param name="ResourceType">A resource type.</param>
/// <param name="Region">A region, or <c>global</c>.</param>
/// <param name="Tag"><c>key:value</c>; given several times, all must hold. Only the first colon separates.</param>
/// <param name="ArnPrefix">What the ARN begins with, literally.</param>
/// <param name="Deleted">true: also resources that are gone, with <c>deleted_at</c>.</param>
/// <param name="IncludeRemoved">true: also resources of accounts that were removed.</param>
/// <param name="PageSize">1-100, default 50; not with CSV.</param>
/// <param name="NextToken">From the page before, with the same filter; not with CSV.</param>
internal sealed record ResourceQuery(
    [FromQuery(Name = "account")] string? Account,
    [FromQuery(Name = "account_id")] string? AccountId,
    [FromQuery(Name = "type")] string? Type,
    [FromQuery(Name = "service")] string? Service,
    [FromQuery(Name = "resource_type")] string? ResourceType,
    [FromQuery(Name = "region")] string? Region,
    [FromQuery(Name = "tag")] string[]? Tag,
    [FromQuery(Name = "arn_prefix")] string? ArnPrefix,
    [FromQuery(Name = "deleted")] string? Deleted,
    [FromQuery(Name = "include_removed")] string? IncludeRemoved,
    [FromQuery(Name = "page_size")] string? PageSize,
    [FromQuery(Name = "next_token")] string? NextToken)
{
    public ResourceFilter ToFilter(FieldErrors errors)
    {
        var isType = Type?.Contains("::", StringComparison.Ordinal) == true;
        errors.Require(Type is null || (isType ? ResourceType : Service) is not { } other || other == Type, "type", $"type contradicts {(isType ? "resource_type" : "service")}; give one of them");
        return new ResourceFilter(
            Account ?? AccountId, isType ? Service : Type ?? Service, isType ? Type : ResourceType, Region, ArnPrefix, QueryValues.Tags(Tag, "tag", errors),
            QueryValues.Flag(Deleted, "deleted", errors), QueryValues.Flag(IncludeRemoved, "include_removed", errors));
    }
}
