using Qrie.JmesPath;
using Qrie.JmesPath.Functions;

namespace Qrie.Domain.Policies.Functions;

/// <summary>
/// <c>to_list(value)</c>: a list unchanged, null as an empty list, any other value as a list of one. AWS sometimes returns a list of one as its element.
/// </summary>
internal static class ToList
{
    public static JmesFunction Function { get; } = new(
        "to_list", [new JmesParameter("value", JmesTypes.Any)], (in FunctionCall call) => Of(call[0]));

    public static JmesValue Of(in JmesValue value) => value.Kind switch
    {
        JmesKind.Array => value,
        JmesKind.Null => JmesValue.EmptyArray,
        _ => JmesValue.FromArray(value),
    };
}
