using Qrie.JmesPath;

namespace Qrie.Tests.JmesPath;

public sealed class ErrorTests
{
    private const string Document = """{"s": "text", "n": 1, "l": [1, "a"], "o": {}}""";

    [Theory]
    [InlineData("a..b", JmesErrorKind.Syntax, 2, "Expected a name, *, [ or { after the dot, found '.'.")]
    [InlineData("a[", JmesErrorKind.Syntax, 2, "Expected a number, a slice or * in the brackets, found the end.")]
    [InlineData("(a", JmesErrorKind.Syntax, 2, "Expected a closing ), found the end.")]
    [InlineData("a b", JmesErrorKind.Syntax, 2, "Expected the end of the expression, found 'b'.")]
    [InlineData("a == ", JmesErrorKind.Syntax, 5, "Expected an expression, found the end.")]
    [InlineData("[a, b", JmesErrorKind.Syntax, 5, "Expected a comma or a closing ], found the end.")]
    [InlineData("{a b}", JmesErrorKind.Syntax, 3, "Expected a : after the name, found 'b'.")]
    [InlineData("a == 'b", JmesErrorKind.Syntax, 5, "The string that begins here has no closing '.")]
    [InlineData("a == `b`", JmesErrorKind.Syntax, 5, "is not JSON")]
    [InlineData("a == #", JmesErrorKind.Syntax, 5, "'#' has no meaning here.")]
    [InlineData("\"length\"(s)", JmesErrorKind.Syntax, 0, "function names are written without quotes")]
    [InlineData("let $x = s $x", JmesErrorKind.Syntax, 11, "Expected a comma or the word in, found '$x'.")]
    [InlineData("s && nope(s)", JmesErrorKind.UnknownFunction, 5, "There is no function nope().")]
    [InlineData("s && length()", JmesErrorKind.InvalidArity, 5, "length() takes 1 argument, not 0.")]
    [InlineData("join('a')", JmesErrorKind.InvalidArity, 0, "takes 2 arguments, not 1")]
    [InlineData("merge()", JmesErrorKind.InvalidArity, 0, "takes at least 1 argument, not 0")]
    [InlineData("split('a')", JmesErrorKind.InvalidArity, 0, "takes 2 to 3 arguments, not 1")]
    [InlineData("s || l[1:2:0]", JmesErrorKind.InvalidValue, 6, "The step of a slice cannot be 0.")]
    [InlineData("n + abs(s)", JmesErrorKind.InvalidType, 8, "abs() $value must be a number, this is a string.")]
    [InlineData("length(n)", JmesErrorKind.InvalidType, 7, "length() $subject must be a string or an array or an object, this is a number.")]
    [InlineData("sum(l)", JmesErrorKind.InvalidType, 4, "must be an array of numbers, this is an array.")]
    [InlineData("sort(o)", JmesErrorKind.InvalidType, 5, "must be an array of numbers or an array of strings, this is an object.")]
    [InlineData("sort_by(l, &@)", JmesErrorKind.InvalidType, 11, "It must give a number as for the elements before, here it gives a string.")]
    [InlineData("pad_left(s, `1.5`)", JmesErrorKind.InvalidValue, 12, "$width: It must be a whole number.")]
    [InlineData("n / (n - n)", JmesErrorKind.NotANumber, 2, "Division by zero.")]
    [InlineData("n + s", JmesErrorKind.InvalidType, 4, "Arithmetic needs a number, this is string.")]
    [InlineData("l[?$other]", JmesErrorKind.UndefinedVariable, 3, "$other is not defined here.")]
    public void An_error_contains_the_expectation_and_the_position(string expression, JmesErrorKind kind, int position, string reason)
    {
        var error = Fail(expression);

        (error.Kind, error.Position).ShouldBe((kind, position), error.Message);
        error.Reason.ShouldContain(reason);
        error.Expression.ShouldBe(expression);
    }

    [Fact]
    public void The_message_shows_the_position_with_a_caret() =>
        Fail("abs(s)").Message.ShouldBe("invalid-type: abs() $value must be a number, this is a string. (at 4)\nabs(s)\n    ^");

    [Fact]
    public void The_message_shows_only_the_relevant_line() =>
        Fail("s &&\n  abs(s) &&\n  n").Message.ShouldEndWith("\n  abs(s) &&\n      ^");

    [Fact]
    public void The_message_shows_only_the_relevant_part_of_a_long_line()
    {
        var lines = Fail($"{new string('(', 100)}s + n{new string(')', 100)}").Message.Split('\n');

        lines[1].Length.ShouldBeLessThan(140);
        lines[1].ShouldStartWith("…((");
        lines[1].ShouldEndWith("))…");
        lines[1][lines[2].Length - 1].ShouldBe('s');
    }

    [Fact]
    public void TryParse_returns_the_error_instead_of_throwing_it()
    {
        JmesPathExpression.TryParse("a.", out var expression, out var error).ShouldBeFalse();

        expression.ShouldBeNull();
        error.ShouldNotBeNull().Kind.ShouldBe(JmesErrorKind.Syntax);
        JmesPathExpression.TryParse("a.b", out expression, out error).ShouldBeTrue();
        expression.ShouldNotBeNull().Text.ShouldBe("a.b");
        error.ShouldBeNull();
    }

    private static JmesPathException Fail(string expression) => Should.Throw<JmesPathException>(() =>
        JmesPathExpression.Parse(expression).Evaluate(System.Text.Json.JsonDocument.Parse(Document).RootElement));
}
