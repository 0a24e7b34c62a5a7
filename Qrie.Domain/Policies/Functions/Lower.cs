using Qrie.JmesPath;
using Qrie.JmesPath.Functions;

namespace Qrie.Domain.Policies.Functions;

/// <summary><c>lower(text)</c>: in small letters, by no country's rules; null for null.</summary>
internal static class Lower
{
    public static JmesFunction Function { get; } = new(
        "lower",
        [new JmesParameter("text", JmesTypes.String | JmesTypes.Null)],
        (in FunctionCall call) => call[0].IsNull ? JmesValue.Null : JmesValue.FromString(call[0].GetString().ToLowerInvariant()));
}
