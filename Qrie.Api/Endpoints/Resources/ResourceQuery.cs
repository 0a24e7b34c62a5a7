using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Inventory;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Resources;

/// <summary>The parameters of the list. Described as properties: the OpenAPI generator fails on two attributes of a constructor parameter.</summary>
internal sealed record ResourceQuery(
    [FromQuery(Name = "account")]
    [property: Description("Exact account id.")]
    string? Account,
    [FromQuery(Name = "account_id")]
    [property: Description("An alias of account.")]
    string? AccountId,
    [FromQuery(Name = "type")]
    [property: Description("A service (s3) or a resource type (AWS::S3::Bucket); an unknown one matches nothing.")]
    string? Type,
    [FromQuery(Name = "service")]
    [property: Description("A service.")]
    string? Service,
    [FromQuery(Name = "resource_type")]
    [property: Description("A resource type.")]
    string? ResourceType,
    [FromQuery(Name = "region")]
    [property: Description("A region, or global.")]
    string? Region,
    [FromQuery(Name = "tag")]
    [property: Description("key:value; if repeated, all must match. Only the first colon separates.")]
    string[]? Tag,
    [FromQuery(Name = "arn_prefix")]
    [property: Description("A literal prefix of the ARN.")]
    string? ArnPrefix,
    [FromQuery(Name = "deleted")]
    [property: Description("true: include deleted resources, with deleted_at.")]
    string? Deleted,
    [FromQuery(Name = "include_removed")]
    [property: Description("true: include resources of removed accounts.")]
    string? IncludeRemoved,
    [FromQuery(Name = "page_size")]
    [property: Description("1-100, default 50; not with CSV.")]
    string? PageSize,
    [FromQuery(Name = "next_token")]
    [property: Description("From the previous page, with the same filter; not with CSV.")]
    string? NextToken)
{
    public ResourceFilter ToFilter(FieldErrors errors)
    {
        var isType = Type?.Contains("::", StringComparison.Ordinal) == true;
        errors.Require(
            Type is null || (isType ? ResourceType : Service) is not { } other || other == Type,
            "type", $"type contradicts {(isType ? "resource_type" : "service")}; give one of them");
        return new ResourceFilter(
            Account ?? AccountId, isType ? Service : Type ?? Service, isType ? Type : ResourceType, Region, ArnPrefix, QueryValues.Tags(Tag, "tag", errors),
            QueryValues.Flag(Deleted, "deleted", errors), QueryValues.Flag(IncludeRemoved, "include_removed", errors));
    }
}
