namespace Qrie.JmesPath.Functions;

/// <summary>Checks values against the types that a parameter accepts, and describes both.</summary>
internal static class ArgumentTypes
{
    private static readonly (JmesTypes Type, string Name)[] s_names =
    [
        (JmesTypes.Null, "null"),
        (JmesTypes.Boolean, "a boolean"),
        (JmesTypes.Number, "a number"),
        (JmesTypes.String, "a string"),
        (JmesTypes.Array, "an array"),
        (JmesTypes.NumberArray, "an array of numbers"),
        (JmesTypes.StringArray, "an array of strings"),
        (JmesTypes.ArrayArray, "an array of arrays"),
        (JmesTypes.Object, "an object"),
        (JmesTypes.Expression, "an &expression"),
    ];

    public static bool Accepts(JmesTypes types, in JmesValue value) => value.Kind switch
    {
        JmesKind.Null => types.HasFlag(JmesTypes.Null),
        JmesKind.Boolean => types.HasFlag(JmesTypes.Boolean),
        JmesKind.Number => types.HasFlag(JmesTypes.Number),
        JmesKind.String => types.HasFlag(JmesTypes.String),
        JmesKind.Object => types.HasFlag(JmesTypes.Object),
        JmesKind.Expression => types.HasFlag(JmesTypes.Expression),
        _ => types.HasFlag(JmesTypes.Array)
            || (types.HasFlag(JmesTypes.NumberArray) && AllAre(JmesKind.Number, value))
            || (types.HasFlag(JmesTypes.StringArray) && AllAre(JmesKind.String, value))
            || (types.HasFlag(JmesTypes.ArrayArray) && AllAre(JmesKind.Array, value)),
    };

    public static string Describe(JmesTypes types) => types.HasFlag(JmesTypes.Any)
        ? "a value, not an &expression"
        : string.Join(" or ", s_names.Where(n => types.HasFlag(n.Type)).Select(n => n.Name));

    public static string Describe(in JmesValue value) => value.Kind switch
    {
        JmesKind.Array when AllAre(JmesKind.Number, value) => value.Count == 0 ? "an empty array" : "an array of numbers",
        JmesKind.Array when AllAre(JmesKind.String, value) => "an array of strings",
        JmesKind.Array => "an array",
        JmesKind.Object => "an object",
        JmesKind.Expression => "an &expression",
        JmesKind.Null => "null",
        var kind => "a " + kind.Name(),
    };

    private static bool AllAre(JmesKind kind, in JmesValue array)
    {
        foreach (var item in array.WithOrigin(null).EnumerateArray()) // checking types is not reading
        {
            if (item.Kind != kind)
            {
                return false;
            }
        }

        return true;
    }
}
