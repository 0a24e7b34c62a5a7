namespace Qrie.Domain.Inventory;

/// <summary>Which resources a list is about; all that is given must hold. Null: not restricted.</summary>
/// <param name="Type">A resource type, <c>AWS::S3::Bucket</c>.</param>
/// <param name="ArnPrefix">Taken literally.</param>
/// <param name="Tags">Each must be there with this value.</param>
/// <param name="IncludeDeleted">Also those that are gone.</param>
/// <param name="IncludeRemoved">Also those of accounts that were removed.</param>
public sealed record ResourceFilter(
    string? AccountId = null, string? Service = null, string? Type = null, string? Region = null, string? ArnPrefix = null,
    IReadOnlyList<ResourceTag>? Tags = null, bool IncludeDeleted = false, bool IncludeRemoved = false);

/// <summary>A tag that a resource must have.</summary>
public sealed record ResourceTag(string Key, string Value);
