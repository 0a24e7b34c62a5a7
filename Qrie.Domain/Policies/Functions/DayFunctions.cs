using Qrie.JmesPath;
using Qrie.JmesPath.Functions;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Policies.Functions;

/// <summary>Days between a time and the evaluation, with fractions; null for null.</summary>
internal static class DayFunctions
{
    /// <summary><c>age_days(time)</c>: days since a time; negative for a future time.</summary>
    public static JmesFunction AgeDays { get; } = Function("age_days", static (time, now) => now - time);

    /// <summary><c>days_until(time)</c>: days until a time; negative for a past time.</summary>
    public static JmesFunction DaysUntil { get; } = Function("days_until", static (time, now) => time - now);

    private static JmesFunction Function(string name, Func<DateTimeOffset, DateTimeOffset, TimeSpan> difference) => new(
        name,
        [new JmesParameter("time", JmesTypes.String | JmesTypes.Null)],
        (in FunctionCall call) =>
        {
            if (call[0].IsNull)
            {
                return JmesValue.Null;
            }

            var time = Times.Parse(call[0].GetString()) ?? throw call.InvalidValue(0, $"'{call[0].GetString()}' is not a time");
            return JmesValue.FromNumber(difference(time, Times.Now(call)).TotalDays);
        })
    {
        Result = static _ => JmesType.Number,
        ReadsClock = true,
        ReadsVariables = [Times.NowVariable],
    };
}
