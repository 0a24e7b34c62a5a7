using System.Text.Json;
using Qrie.JmesPath;
using Qrie.JmesPath.Functions;

namespace Qrie.Tests.JmesPath;

public sealed class CustomFunctionTests
{
    private static readonly JmesFunction s_older = new(
        "older_than",
        [new("list", JmesTypes.Array), new("age", JmesTypes.Expression) { AppliesTo = 0, Yields = JmesTypes.Number },
            new("days", JmesTypes.Number, Optional: true)],
        static (in call) =>
        {
            var limit = call.Count > 2 ? call[2].GetNumber() : call.Variable("limit").GetNumber();
            var found = new List<JmesValue>();
            foreach (var item in call[0].EnumerateArray())
            {
                call.Charge(1);
                if (call.Invoke(1, item).GetNumber() > limit)
                {
                    found.Add(item);
                }
            }

            return limit < 0 ? throw call.InvalidValue(2, "It must not be negative.") : JmesValue.FromArray(found);
        })
    {
        ReadsClock = true,
        ReadsVariables = ["limit"],
    };

    private static readonly JmesPathOptions s_options = new() { Functions = FunctionLibrary.Standard.With(s_older) };
    private static readonly JsonElement s_keys = JsonDocument.Parse("""[{"age": 10}, {"age": 100}]""").RootElement;

    [Fact]
    public void It_receives_arguments_expressions_and_variables()
    {
        Evaluate("older_than(@, &age, `5`)").Count.ShouldBe(2);
        Evaluate("older_than(@, &age)[0].age").GetNumber().ShouldBe(100);
    }

    [Fact]
    public void Its_arguments_are_of_the_declared_types()
    {
        Should.Throw<JmesPathException>(() => Evaluate("older_than('x', &age)")).Kind.ShouldBe(JmesErrorKind.InvalidType);
        Should.Throw<JmesPathException>(() => Evaluate("older_than(@, &age, 'x')")).Position.ShouldBe(20);
        Should.Throw<JmesPathException>(() => Evaluate("older_than(@)")).Kind.ShouldBe(JmesErrorKind.InvalidArity);
    }

    [Fact]
    public void Its_errors_name_the_function_and_the_argument()
    {
        var error = Should.Throw<JmesPathException>(() => Evaluate("older_than(@, &age, `-1`)"));

        error.Message.ShouldStartWith("invalid-value: older_than() $days: It must not be negative. (at 20)");
    }

    [Fact]
    public void The_expression_reports_its_dependencies()
    {
        var expression = JmesPathExpression.Parse("older_than(@, &length(x), $other)", s_options);

        expression.FunctionsUsed.ShouldBe(["length", "older_than"], ignoreOrder: true);
        expression.Variables.ShouldBe(["limit", "other"], ignoreOrder: true);
        expression.ReadsClock.ShouldBeTrue();
        JmesPathExpression.Parse("length(x)").ReadsClock.ShouldBeFalse();
    }

    [Fact]
    public void Two_functions_with_the_same_name_are_refused() =>
        Should.Throw<ArgumentException>(() => FunctionLibrary.Standard.With(new JmesFunction("length", [], static (in _) => default)));

    [Fact]
    public void A_required_parameter_after_an_optional_one_is_refused() =>
        Should.Throw<ArgumentException>(() => new JmesFunction(
            "f", [new("a", JmesTypes.Any, Optional: true), new("b", JmesTypes.Any)], static (in _) => default));

    [Fact]
    public void The_standard_library_is_not_changed_by_additions() => FunctionLibrary.Standard.Find("older_than").ShouldBeNull();

    private static JmesValue Evaluate(string expression) => JmesPathExpression.Parse(expression, s_options).Evaluate(
        s_keys, new() { Variables = new Dictionary<string, JmesValue> { ["limit"] = JmesValue.FromNumber(90) } });
}
