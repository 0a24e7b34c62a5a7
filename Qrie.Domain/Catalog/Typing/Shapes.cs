using System.Text.Json;
using Qrie.JmesPath;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Catalog.Typing;

/// <summary>Operations on types, implemented with the type checker.</summary>
internal static class Shapes
{
    private static readonly JmesPathExpression _merge = JmesPathExpression.Parse("merge($first, $second)");
    private static readonly JmesPathExpression _item = JmesPathExpression.Parse("[0]");

    public static JmesType Empty { get; } = JmesType.Object(new Dictionary<string, JmesType>());

    /// <summary>The members of both; those of the second take precedence.</summary>
    public static JmesType Merge(JmesType first, JmesType second) =>
        TypeChecker.Check(_merge, JmesType.Any, new Dictionary<string, JmesType> { ["first"] = first, ["second"] = second }).Type;

    public static JmesType With(JmesType whole, string name, JmesType member) =>
        Merge(whole, JmesType.Object(new Dictionary<string, JmesType> { [name] = member }));

    public static bool IsList(JmesType type) => type != JmesType.Any && TypeChecker.Check(_item, type).Issues.Count == 0;

    /// <summary>The row type: the item of a list; anything else itself.</summary>
    public static JmesType Row(JmesType type) => IsList(type) ? TypeChecker.Check(_item, type).Type : type;

    /// <summary>The type of a member; null with a reason if there is none.</summary>
    public static (JmesType? Type, string? Reason) Member(JmesType type, string name)
    {
        var result = TypeChecker.Check(JmesPathExpression.Parse(JsonSerializer.Serialize(name)), type);
        return result.Issues is [var issue, ..] ? (null, issue.Message) : (result.Type, null);
    }

    /// <summary>The type of a non-null value.</summary>
    public static JmesType Of(JsonElement value) =>
        TypeChecker.Check(JmesPathExpression.Parse($"`{value.GetRawText().Replace("`", "\\`", StringComparison.Ordinal)}`"), JmesType.Any).Type;
}
