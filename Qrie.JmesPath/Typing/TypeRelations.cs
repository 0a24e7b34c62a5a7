using Qrie.JmesPath.Functions;

namespace Qrie.JmesPath.Typing;

/// <summary>Compatibility of types. Types that may be compatible count as compatible.</summary>
internal static class TypeRelations
{
    /// <summary>Why two values of these types are never equal; null if they may be.</summary>
    public static string? NeverEqual(JmesType left, JmesType right)
    {
        var (a, b) = (left.Inner, right.Inner);
        if (a == JmesType.Any || b == JmesType.Any || a == JmesType.Null || b == JmesType.Null || a == JmesType.Nothing || b == JmesType.Nothing)
        {
            return null;
        }

        if (a is EnumType one && b is EnumType other)
        {
            return one.Values.Overlaps(other.Values) ? null : Disjoint(one, other);
        }

        if (a == JmesType.Timestamp != (b == JmesType.Timestamp) && IsText(a) && IsText(b))
        {
            return "A timestamp is compared with other text; compare ages in days instead.";
        }

        return KindOf(a) == KindOf(b) ? null : $"{Capital(Named(a))} never equals {Named(b)}.";
    }

    /// <summary>Whether a value of this type may be what the parameter accepts.</summary>
    public static bool Accepts(JmesTypes accepted, JmesType type) => type switch
    {
        ListType list => accepted.HasFlag(JmesTypes.Array)
            || (accepted.HasFlag(JmesTypes.NumberArray) && MayBe(list.Item, JmesTypes.Number))
            || (accepted.HasFlag(JmesTypes.StringArray) && MayBe(list.Item, JmesTypes.String))
            || (accepted.HasFlag(JmesTypes.ArrayArray) && MayBe(list.Item, JmesTypes.Array)),
        _ => KindOf(type) is not { } kind || accepted.HasFlag(kind),
    };

    public static string Named(JmesType type) => type switch
    {
        ListType { Item: var item } when item.Inner is EnumType || item.Inner == JmesType.String => "a list of strings",
        ListType { Item: var item } when item.Inner == JmesType.Number => "a list of numbers",
        ListType => "a list",
        MapType => "a map",
        ObjectType { } shape => shape.ToString() is "object" ? "an object" : $"an object ({shape})",
        EnumType { Values.Count: 1 } => $"the string {type}",
        EnumType => $"a string ({type})",
        _ when type == JmesType.Null => "null",
        _ => "a " + type,
    };

    /// <summary>The kind of every value of the type; null if unknown.</summary>
    private static JmesTypes? KindOf(JmesType type) => type switch
    {
        EnumType => JmesTypes.String,
        ListType => JmesTypes.Array,
        MapType or ObjectType => JmesTypes.Object,
        _ when type == JmesType.String || type == JmesType.Timestamp => JmesTypes.String,
        _ when type == JmesType.Number => JmesTypes.Number,
        _ when type == JmesType.Boolean => JmesTypes.Boolean,
        _ when type == JmesType.Null => JmesTypes.Null,
        _ => null,
    };

    private static bool MayBe(JmesType item, JmesTypes wanted) => KindOf(item.Inner) is not { } kind || kind == wanted;

    private static bool IsText(JmesType type) => KindOf(type) is JmesTypes.String;

    private static string Disjoint(EnumType left, EnumType right)
    {
        var (value, values) = left.Values.Count == 1 ? (left, right) : (right, left);
        var similar = value.Values.Count == 1 ? Similar.To(value.Values.First(), values.Values) : null;
        return $"{Capital(value.ToString())} is never {values}.{(similar is null ? "" : $" Is '{similar}' meant?")}";
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
