using Qrie.JmesPath;
using Qrie.JmesPath.Functions;

namespace Qrie.Domain.Policies.Functions;

/// <summary>
/// <c>known(value)</c>: the value; null is an error. For what AWS always tells: where an answer lacks it, nothing is known, and neither a pass nor a
/// finding may follow.
/// </summary>
internal static class Known
{
    public static JmesFunction Function { get; } = new("known", [new JmesParameter("value", JmesTypes.Any)], Evaluate) { Result = static types => types[0] };

    private static JmesValue Evaluate(in FunctionCall call) =>
        call[0].IsNull ? throw call.MissingValue(0, "the value is not in the answer") : call[0];
}
