namespace Qrie.JmesPath.Typing;

/// <summary>The smallest type that covers two.</summary>
internal static class TypeJoin
{
    // Types may contain themselves; below this depth the result is "any".
    private const int MaxDepth = 8;

    public static JmesType Of(JmesType left, JmesType right) => Of(left, right, 0);

    public static JmesType OfAll(IEnumerable<JmesType> types) => types.Aggregate(JmesType.Nothing, Of);

    private static JmesType Of(JmesType left, JmesType right, int depth)
    {
        if (ReferenceEquals(left, right) || right == JmesType.Nothing)
        {
            return left;
        }

        if (left == JmesType.Nothing)
        {
            return right;
        }

        if (left is NullableType || right is NullableType || left == JmesType.Null || right == JmesType.Null)
        {
            var inner = left.Inner == JmesType.Null ? right.Inner : right.Inner == JmesType.Null ? left.Inner : Of(left.Inner, right.Inner, depth);
            return inner == JmesType.Null ? inner : JmesType.Nullable(inner);
        }

        return depth >= MaxDepth ? JmesType.Any : Compound(left, right, depth + 1);
    }

    private static JmesType Compound(JmesType left, JmesType right, int depth) => (left, right) switch
    {
        (EnumType a, EnumType b) => JmesType.Enum(a.Values.Union(b.Values)),
        (EnumType, _) when right == JmesType.String => right,
        (_, EnumType) when left == JmesType.String => left,
        (ListType a, ListType b) => JmesType.List(Of(a.Item, b.Item, depth)),
        (MapType a, MapType b) => JmesType.Map(Of(a.Value, b.Value, depth)),
        (ObjectType a, ObjectType b) => Objects(a, b, depth),
        _ => JmesType.Any,
    };

    private static JmesType Objects(ObjectType left, ObjectType right, int depth)
    {
        var members = new Dictionary<string, JmesType>(left.Members, StringComparer.Ordinal);
        foreach (var (name, type) in right.Members)
        {
            members[name] = members.TryGetValue(name, out var other) ? Of(other, type, depth) : type;
        }

        return JmesType.Object(members, left.Open || right.Open);
    }
}
