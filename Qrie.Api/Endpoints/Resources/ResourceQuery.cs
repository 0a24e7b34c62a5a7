using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Inventory;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Resources;

/// <summary>The parameters of the list. No constructor: the generator of request delegates fails on one with nullable parameters.</summary>
internal sealed record ResourceQuery
{
    [FromQuery(Name = "account")]
    [Description("Exact account id.")]
    public string? Account { get; init; }

    [FromQuery(Name = "account_id")]
    [Description("An alias of account.")]
    public string? AccountId { get; init; }

    [FromQuery(Name = "type")]
    [Description("A service (s3) or a resource type (AWS::S3::Bucket); an unknown one matches nothing.")]
    public string? Type { get; init; }

    [FromQuery(Name = "service")]
    [Description("A service.")]
    public string? Service { get; init; }

    [FromQuery(Name = "resource_type")]
    [Description("A resource type.")]
    public string? ResourceType { get; init; }

    [FromQuery(Name = "region")]
    [Description("A region, or global.")]
    public string? Region { get; init; }

    [FromQuery(Name = "tag")]
    [Description("key:value; if repeated, all must match. Only the first colon separates.")]
    public string[]? Tag { get; init; }

    [FromQuery(Name = "arn_prefix")]
    [Description("A literal prefix of the ARN.")]
    public string? ArnPrefix { get; init; }

    [FromQuery(Name = "text")]
    [Description("2-200 characters that occur in the ARN, the id or a tag; upper and lower case are equal. A page may be short although more follow.")]
    public string? Text { get; init; }

    [FromQuery(Name = "deleted")]
    [Description("true: include deleted resources, with deleted_at.")]
    public string? Deleted { get; init; }

    [FromQuery(Name = "include_removed")]
    [Description("true: include resources of removed accounts.")]
    public string? IncludeRemoved { get; init; }

    [FromQuery(Name = "page_size")]
    [Description("1-100, default 50; not with CSV.")]
    public string? PageSize { get; init; }

    [FromQuery(Name = "next_token")]
    [Description("From the previous page, with the same filter; not with CSV.")]
    public string? NextToken { get; init; }

    public ResourceFilter ToFilter(FieldErrors errors)
    {
        var isType = Type?.Contains("::", StringComparison.Ordinal) == true;
        errors.Require(
            Type is null || (isType ? ResourceType : Service) is not { } other || other == Type,
            "type", $"type contradicts {(isType ? "resource_type" : "service")}; give one of them");
        var text = string.IsNullOrWhiteSpace(Text) ? null : Text.Trim();
        errors.Require(text is null or { Length: >= 2 and <= 200 }, "text", "text must have 2 to 200 characters");
        return new ResourceFilter(
            Account ?? AccountId, isType ? Service : Type ?? Service, isType ? Type : ResourceType, Region, ArnPrefix, QueryValues.Tags(Tag, "tag", errors),
            QueryValues.Flag(Deleted, "deleted", errors), QueryValues.Flag(IncludeRemoved, "include_removed", errors),
            text);
    }
}
