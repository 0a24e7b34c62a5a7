using Qrie.JmesPath.Typing;

namespace Qrie.JmesPath.Functions.Standard;

/// <summary>The result types of functions for the types of their arguments.</summary>
internal static class Returns
{
    private static readonly JmesType s_numberOrNull = JmesType.Nullable(JmesType.Number);
    private static readonly JmesType s_strings = JmesType.List(JmesType.String);
    private static readonly JmesType s_lists = JmesType.List(JmesType.List(JmesType.Any));
    private static readonly JmesType s_map = JmesType.Map(JmesType.Any);

    public static Func<IReadOnlyList<JmesType>, JmesType> Number { get; } = static _ => JmesType.Number;

    public static Func<IReadOnlyList<JmesType>, JmesType> NumberOrNull { get; } = static _ => s_numberOrNull;

    public static Func<IReadOnlyList<JmesType>, JmesType> String { get; } = static _ => JmesType.String;

    public static Func<IReadOnlyList<JmesType>, JmesType> Boolean { get; } = static _ => JmesType.Boolean;

    public static Func<IReadOnlyList<JmesType>, JmesType> ListOfStrings { get; } = static _ => s_strings;

    public static Func<IReadOnlyList<JmesType>, JmesType> ListOfLists { get; } = static _ => s_lists;

    /// <summary>An object of which only the names' origin is known.</summary>
    public static Func<IReadOnlyList<JmesType>, JmesType> Object { get; } = static _ => s_map;

    public static Func<IReadOnlyList<JmesType>, JmesType> First { get; } = static types =>
        types[0].Inner is EnumType ? JmesType.String : types[0].Inner; // the reverse of an enumerated string is a different string

    public static Func<IReadOnlyList<JmesType>, JmesType> ItemOfFirst { get; } = static types =>
        JmesType.Nullable(ItemOf(types[0])); // an empty list has none

    public static Func<IReadOnlyList<JmesType>, JmesType> ListOfFirst { get; } = static types =>
        types[0].Inner is ListType || types[0].Inner == JmesType.Any ? types[0].Inner : JmesType.List(types[0].Inner);

    public static Func<IReadOnlyList<JmesType>, JmesType> MapOfFirst { get; } = static types => JmesType.Map(types[0].Inner);

    /// <summary>A list of the results of the expression, the first argument.</summary>
    public static Func<IReadOnlyList<JmesType>, JmesType> ListOfYields { get; } = static types => JmesType.List(types[0]);

    public static Func<IReadOnlyList<JmesType>, JmesType> OneOfAll { get; } = static types =>
        TypeJoin.OfAll(types.Select(t => t.Inner).Where(t => t != JmesType.Null));

    public static Func<IReadOnlyList<JmesType>, JmesType> ListOfMembers { get; } = static types => JmesType.List(types[0].Inner switch
    {
        MapType map => map.Value,
        ObjectType { Open: false } shape => TypeJoin.OfAll(shape.Members.Values),
        _ => JmesType.Any,
    });

    /// <summary>The members of all arguments; for duplicate names, the later one.</summary>
    public static Func<IReadOnlyList<JmesType>, JmesType> Merged { get; } = static types =>
    {
        var members = new Dictionary<string, JmesType>(StringComparer.Ordinal);
        var open = false;
        foreach (var type in types)
        {
            open |= type.Inner is not ObjectType { Open: false };
            foreach (var (name, member) in (type.Inner as ObjectType)?.Members ?? new Dictionary<string, JmesType>())
            {
                members[name] = member;
            }
        }

        return JmesType.Object(members, open);
    };

    public static JmesType ItemOf(JmesType list) => list.Inner is ListType { Item: var item } ? item : JmesType.Any;
}
