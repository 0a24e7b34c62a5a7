using System.Text.Json;
using Qrie.Domain.Policies.Functions;
using Qrie.JmesPath;

namespace Qrie.Tests.Policies;

/// <summary>Filter patterns of CloudWatch Logs are compared by their matches.</summary>
public class FilterPatternTests
{
    private const string Stopped = "{ ($.eventSource = cloudtrail.amazonaws.com) && (($.eventName = StopLogging) || ($.eventName = DeleteTrail)) }";

    [Theory]
    [InlineData("{ ($.eventName = StopLogging) || ($.eventName = DeleteTrail) }")]
    [InlineData("{($.eventName=\"DeleteTrail\")||($.eventName=\"StopLogging\")}")]
    [InlineData("{ $.eventName = DeleteTrail || $.eventName = StopLogging || $.eventName = CreateTrail }")]
    [InlineData("{ ($.eventSource = \"cloudtrail.amazonaws.com\") }")]
    [InlineData("{ ($.eventSource = cloudtrail*) && ($.eventName = *Trail || $.eventName = *Logging) }")]
    [InlineData("{ ($.eventSource = cloudtrail.amazonaws.com && $.eventName = StopLogging) || ($.eventName = DeleteTrail) }")]
    [InlineData("{ $.eventSource != s3.amazonaws.com }")]
    [InlineData("{ $.eventName = %^(Stop|Delete)% }")]
    [InlineData("")]
    [InlineData("  ")]
    public void A_pattern_covers_another_in_any_notation_if_it_matches_all_of_it(string pattern) => Covers($"\"{Escaped(pattern)}\"", Stopped).ShouldBeTrue();

    [Theory]
    [InlineData("{ ($.eventName = StopLogging) }")]
    [InlineData("{ ($.eventName = StopLogging) && ($.eventName = DeleteTrail) }")]
    [InlineData("{ ($.eventName = stoplogging) || ($.eventName = DeleteTrail) }")]
    [InlineData("{ (($.eventName = StopLogging) || ($.eventName = DeleteTrail)) && ($.userIdentity.type = Root) }")]
    [InlineData("{ ($.eventSource = s3.amazonaws.com) }")]
    [InlineData("{ ($.eventName = Stop) || ($.eventName = DeleteTrail) }")]
    [InlineData("{ ($.eventName != StopLogging) }")]
    [InlineData("{ ($.EventName = StopLogging) || ($.EventName = DeleteTrail) }")]
    [InlineData("{ ($.eventName = %[% ) }")]
    [InlineData("StopLogging DeleteTrail")]
    [InlineData("[ip, user, eventName = StopLogging]")]
    [InlineData("{ ($.eventName = StopLogging }")]
    [InlineData("{ ($.eventName = StopLogging) } x")]
    [InlineData("{ }")]
    public void A_pattern_does_not_cover_another_if_it_misses_a_part_of_it(string pattern) => Covers($"\"{Escaped(pattern)}\"", Stopped).ShouldBeFalse();

    [Theory]
    [InlineData("{ $.errorCode = \"*UnauthorizedOperation\" }", "{ $.errorCode = \"*Unauthorized*\" }", true)]
    [InlineData("{ $.errorCode = \"*UnauthorizedOperation\" }", "{ $.errorCode = \"Client.UnauthorizedOperation\" }", false)]
    [InlineData("{ $.a = 1 && $.b NOT EXISTS }", "{ $.b NOT EXISTS }", true)]
    [InlineData("{ $.a = 1 && $.b NOT EXISTS }", "{ $.b IS NULL }", false)]
    [InlineData("{ $.a IS TRUE }", "{ $.a IS TRUE }", true)]
    [InlineData("{ $.a = 1 }", "{ $.a EXISTS }", true)]
    [InlineData("{ $.a != \"x*\" }", "{ $.a != \"xy\" }", true)]
    [InlineData("{ $.a != \"xy\" }", "{ $.a != \"x*\" }", false)]
    [InlineData("{ $.a = \"x*\" }", "{ $.a != \"y\" }", false)]
    [InlineData("{ $.a >= 5 }", "{ $.a >= 5 }", true)]
    [InlineData("{ $.a >= 5 }", "{ $.a >= 6 }", false)]
    [InlineData("{ $.a = \"b && c\" }", "{ $.a = \"b && c\" }", true)]
    [InlineData("{ $.a[0].b = 1 }", "{ ($.a[0].b=1) }", true)]
    [InlineData("{ ($.a = 1 || $.a = 2) && ($.b = 3 || $.b = 4) }", "{ ($.a = 1 && $.b = 3) || ($.a = 1 && $.b = 4) || ($.a = 2) }", true)]
    public void Conditions_imply_each_other(string required, string pattern, bool covers) =>
        Covers($"\"{Escaped(pattern)}\"", required).ShouldBe(covers);

    [Fact]
    public void Several_filters_together_may_cover_a_pattern()
    {
        Covers("""["{ $.eventName = StopLogging }", "{ $.eventName = DeleteTrail }"]""", Stopped).ShouldBeTrue();
        Covers("""["{ $.eventName = StopLogging }"]""", Stopped).ShouldBeFalse();
        Covers("[]", Stopped).ShouldBeFalse();
        Covers("null", Stopped).ShouldBeFalse();
    }

    [Fact]
    public void A_redacted_pattern_may_be_the_required_one()
    {
        Should.Throw<JmesPathException>(() => Covers("""[{"_redacted": true}]""", Stopped)).Kind.ShouldBe(JmesErrorKind.InvalidType);
        Covers("""[{"_redacted": true}, "{ $.eventSource = cloudtrail.amazonaws.com }"]""", Stopped).ShouldBeTrue();
    }

    [Theory]
    [InlineData("StopLogging")]
    [InlineData("{ eventName = x }")]
    public void The_required_text_must_be_a_pattern(string required) =>
        Should.Throw<JmesPathException>(() => Covers("\"\"", required)).Kind.ShouldBe(JmesErrorKind.InvalidValue);

    [Fact]
    public void A_pattern_that_expands_exponentially_is_invalid_and_rejected_quickly()
    {
        var pattern = "{ " + string.Join(" && ", Enumerable.Range(0, 40).Select(i => $"($.a{i} = 1 || $.b{i} = 2)")) + " }";

        Covers($"\"{pattern}\"", Stopped).ShouldBeFalse();
        Covers($"\"{new string('(', 5000)}\"", Stopped).ShouldBeFalse();
        Covers($"\"{{ {new string('(', 5000)}\"", Stopped).ShouldBeFalse();
    }

    private static string Escaped(string pattern) => JsonEncodedText.Encode(pattern).ToString();

    private static bool Covers(string patterns, string required)
    {
        using var document = JsonDocument.Parse(patterns);
        var expression = JmesPathExpression.Parse("filter_pattern_covers(@, $required)", PolicyFunctions.Options);
        var variables = new Dictionary<string, JmesValue> { ["required"] = JmesValue.FromString(required) };
        return expression.Evaluate(JmesValue.FromElement(document.RootElement.Clone()), new EvaluationContext { Variables = variables }).IsTruthy;
    }
}
