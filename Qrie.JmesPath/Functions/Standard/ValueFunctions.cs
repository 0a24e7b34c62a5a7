namespace Qrie.JmesPath.Functions.Standard;

/// <summary>Functions of any value.</summary>
internal static class ValueFunctions
{
    public static JmesFunction Type { get; } = new(
        "type",
        [new("arg", JmesTypes.Any)],
        static (in call) => JmesValue.FromString(call[0].Kind.Name()))
    {
        Result = Returns.String,
    };

    public static JmesFunction NotNull { get; } = new(
        "not_null",
        [new("arg", JmesTypes.Any, Variadic: true)],
        static (in call) =>
        {
            for (var i = 0; i < call.Count; i++)
            {
                if (!call[i].IsNull)
                {
                    return call[i];
                }
            }

            return default;
        })
    {
        Result = Returns.OneOfAll,
    };

    public static IEnumerable<JmesFunction> All => [Type, NotNull];
}
