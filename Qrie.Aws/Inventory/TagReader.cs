using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>Reads tags in any of AWS's forms: lists of Key/Value, key/value, TagKey/TagValue, or a map.</summary>
internal static class TagReader
{
    private static readonly string[] _attributes = ["Tags", "TagSet", "TagList", "tags", "tagSet"];
    private static readonly string[] _keys = ["Key", "key", "TagKey"];
    private static readonly string[] _values = ["Value", "value", "TagValue"];

    /// <summary>The tags; null with the reason if they could not be read. A resource without tags has none, which is known.</summary>
    public static (IReadOnlyDictionary<string, string>? Tags, CollectionError? Error) Read(
        ResourceTypeDefinition type, ResourceContext resource, ExpressionEvaluator evaluator)
    {
        if (type.Tags is not null)
        {
            var outcome = evaluator.Evaluate(
                type.Tags, resource.Value, new Scope(resource.Region, resource, Unknown: resource.Unknown, RequestedId: resource.RequestedId));
            return outcome.Error is null ? (Convert(outcome.Value), null) : (null, outcome.Error);
        }

        var value = resource.Value;
        var unknown = resource.Unknown;
        foreach (var attribute in _attributes)
        {
            if (unknown.TryGetValue(attribute, out var code))
            {
                return (null, new CollectionError(code, $"'{attribute}' could not be read."));
            }

            if (value.TryGetMember(attribute, out var tags) && !tags.IsNull)
            {
                return (Convert(tags), null);
            }
        }

        return unknown.TryGetValue(AttributeDefinition.Merged, out var merged)
            ? (null, new CollectionError(merged, "The resource could not be described."))
            : (Convert(JmesValue.Null), null);
    }

    /// <summary>Whether a type's tags come from a helper attribute, so that its configuration does not contain them.</summary>
    public static bool AreHidden(ResourceTypeDefinition type) =>
        type.Tags?.StaticReads() is { } reads && (reads.Whole || reads.Members.Any(member => member.StartsWith('_')));

    private static Dictionary<string, string> Convert(JmesValue value)
    {
        var tags = new Dictionary<string, string>();
        foreach (var (key, text) in value.Members())
        {
            tags[key] = Text(text);
        }

        foreach (var item in value.Items())
        {
            if (Member(item, _keys) is { Kind: JmesKind.String } key)
            {
                tags[key.GetString()] = Text(Member(item, _values));
            }
        }

        return tags;
    }

    private static JmesValue Member(JmesValue item, string[] names)
    {
        foreach (var name in names)
        {
            if (item.TryGetMember(name, out var value))
            {
                return value;
            }
        }

        return JmesValue.Null;
    }

    private static string Text(JmesValue value) => value.Kind switch
    {
        JmesKind.Null => "",
        JmesKind.String => value.GetString(),
        _ => value.ToString(),
    };
}
