namespace Qrie.Domain.Inventory;

/// <summary>The filter of a resource list; all given conditions must hold, null means unrestricted.</summary>
/// <param name="Type">A resource type, <c>AWS::S3::Bucket</c>.</param>
/// <param name="ArnPrefix">Matched literally.</param>
/// <param name="Tags">Each must be present with this value.</param>
/// <param name="Text">Occurs in the ARN, the id, or a tag; without regard to the case of ASCII letters. A page may have fewer resources than
/// asked for and still a next one: one read looks at a few thousand only, whether they match or not.</param>
/// <param name="IncludeDeleted">Includes deleted resources.</param>
/// <param name="IncludeRemoved">Includes resources of removed accounts.</param>
public sealed record ResourceFilter(
    string? AccountId = null, string? Service = null, string? Type = null, string? Region = null, string? ArnPrefix = null,
    IReadOnlyList<ResourceTag>? Tags = null, bool IncludeDeleted = false, bool IncludeRemoved = false,
    string? Text = null);

/// <summary>A tag that a resource must have.</summary>
public sealed record ResourceTag(string Key, string Value);
