using System.Text.Json;
using Qrie.JmesPath;
using Qrie.JmesPath.Functions;

namespace Qrie.Tests.JmesPath;

/// <summary>Functions that handle unknown parts of an argument by themselves, and throw if the result depends on them.</summary>
public sealed class UndecidedFunctionTests
{
    /// <summary>The sum of a list, which needs the second list only if the first is empty.</summary>
    private static readonly JmesFunction s_count = new(
        "count", [new("list", JmesTypes.Array), new("others", JmesTypes.Array | JmesTypes.Null, Optional: true) { IsLazy = true }],
        static (in call) =>
        {
            if (call[0].Count > 0)
            {
                return JmesValue.FromNumber(call[0].Count);
            }

            var others = call.EvaluateLazily(1);
            return others.Count > 0 ? JmesValue.FromNumber(others.Count) : throw call.Undecided("OTHERS_MISSING", "there are none");
        });

    private static readonly JmesPathOptions s_options = new() { Functions = FunctionLibrary.Standard.With(s_count) };

    [Theory]
    [InlineData("count(full, $known)", "2", "full", "")]
    [InlineData("count(empty, $known)", "1", "empty", "known")]
    [InlineData("count(empty, $hidden)", "3", "empty", "hidden")]
    [InlineData("count(empty, others)", "1", "empty others", "")]
    public void The_argument_is_evaluated_on_demand_and_touches_nothing(string expression, string result, string members, string variables)
    {
        var trace = Trace();

        Evaluate(expression, trace).ToString().ShouldBe(result);
        trace.TouchedUnknown.ShouldBeFalse();
        string.Join(' ', trace.Members.Order()).ShouldBe(members);
        string.Join(' ', trace.Variables.Order()).ShouldBe(variables);
    }

    [Theory]
    [InlineData("[count(empty, $hidden), $hidden]")]
    [InlineData("[count(empty, others), others]")]
    [InlineData("[$hidden, count(empty, $hidden)]")]
    public void A_value_that_is_also_read_elsewhere_is_touched(string expression)
    {
        var trace = Trace();

        Evaluate(expression, trace);

        trace.TouchedUnknown.ShouldBeTrue();
    }

    [Theory]
    [InlineData("count(empty)")]
    [InlineData("count(empty, empty)")]
    public void An_undecided_result_is_an_error_of_its_own_kind(string expression)
    {
        var error = Should.Throw<JmesPathException>(() => Evaluate(expression, Trace()));

        (error.Kind, error.Code, error.UndecidedBy).ShouldBe((JmesErrorKind.Undecided, "undecided", "OTHERS_MISSING"));
        error.Message.ShouldStartWith("undecided: count(): there are none");
    }

    [Fact]
    public void The_argument_has_the_declared_type() =>
        Should.Throw<JmesPathException>(() => Evaluate("count(empty, 'x')", Trace())).Kind.ShouldBe(JmesErrorKind.InvalidType);

    private static EvaluationTrace Trace() => new(["others", "$hidden"]);

    private static JmesValue Evaluate(string expression, EvaluationTrace trace) => JmesPathExpression.Parse(expression, s_options).Evaluate(
        JsonDocument.Parse("""{"full": [1, 2], "empty": [], "others": [1]}""").RootElement,
        new() { Trace = trace, Variables = new Dictionary<string, JmesValue> { ["known"] = List(1), ["hidden"] = List(3) } });

    private static JmesValue List(int length) => JmesValue.FromArray(Enumerable.Repeat(JmesValue.True, length));
}
