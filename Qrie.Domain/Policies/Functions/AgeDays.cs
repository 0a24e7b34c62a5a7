using Qrie.JmesPath;
using Qrie.JmesPath.Functions;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Policies.Functions;

/// <summary><c>age_days(time)</c>: days since a time, with fractions; negative for a future time; null for null.</summary>
internal static class AgeDays
{
    public static JmesFunction Function { get; } = new(
        "age_days", [new JmesParameter("time", JmesTypes.String | JmesTypes.Null)], Evaluate)
    {
        Result = static _ => JmesType.Number,
        ReadsClock = true,
        ReadsVariables = [Times.NowVariable],
    };

    private static JmesValue Evaluate(in FunctionCall call)
    {
        if (call[0].IsNull)
        {
            return JmesValue.Null;
        }

        var time = Times.Parse(call[0].GetString()) ?? throw call.InvalidValue(0, $"'{call[0].GetString()}' is not a time");
        return JmesValue.FromNumber((Times.Now(call) - time).TotalDays);
    }
}
