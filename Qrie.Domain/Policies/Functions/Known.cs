using Qrie.JmesPath;
using Qrie.JmesPath.Functions;

namespace Qrie.Domain.Policies.Functions;

/// <summary>
/// <c>known(value)</c>: the value; null is an error. For values that AWS always returns: if a response lacks one, it is unknown, which must result neither in a
/// pass nor in a finding.
/// </summary>
internal static class Known
{
    public static JmesFunction Function { get; } = new("known", [new JmesParameter("value", JmesTypes.Any)], Evaluate) { Result = static types => types[0] };

    private static JmesValue Evaluate(in FunctionCall call) =>
        call[0].IsNull ? throw call.MissingValue(0, "the value is not in the response") : call[0];
}
