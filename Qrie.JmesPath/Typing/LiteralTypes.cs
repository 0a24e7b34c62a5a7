namespace Qrie.JmesPath.Typing;

/// <summary>The types of literals; a string literal is an enumeration with one value.</summary>
internal static class LiteralTypes
{
    private const int MaxDepth = 8;

    public static JmesType Of(in JmesValue value) => Of(value, 0);

    private static JmesType Of(in JmesValue value, int depth)
    {
        switch (value.Kind)
        {
            case JmesKind.Null:
                return JmesType.Null;
            case JmesKind.Boolean:
                return JmesType.Boolean;
            case JmesKind.Number:
                return JmesType.Number;
            case JmesKind.String:
                return JmesType.Enum(value.GetString());
            default:
                break;
        }

        if (depth == MaxDepth)
        {
            return JmesType.Any;
        }

        if (value.Kind is JmesKind.Array)
        {
            var item = JmesType.Nothing;
            foreach (var element in value.EnumerateArray())
            {
                item = JmesType.Join(item, Of(element, depth + 1));
            }

            return JmesType.List(item);
        }

        var members = new Dictionary<string, JmesType>(StringComparer.Ordinal);
        foreach (var (name, member) in value.EnumerateObject())
        {
            members[name] = Of(member, depth + 1);
        }

        return JmesType.Object(members);
    }
}
