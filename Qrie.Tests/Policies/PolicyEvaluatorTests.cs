using System.Text;
using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;
using Qrie.Domain.Policies.Functions;
using Qrie.JmesPath;

namespace Qrie.Tests.Policies;

public class PolicyEvaluatorTests
{
    private readonly PolicyEvaluator _evaluator = new();

    [Theory]
    [InlineData("""{"A": 1}""", Verdict.Fail)]
    [InlineData("""{"B": 1}""", Verdict.Pass)]
    [InlineData("""{"_unknown": {"A": "AccessDenied"}}""", Verdict.Unknown)]
    [InlineData("""{"A": 1, "_unknown": {"A": "Truncated"}}""", Verdict.Unknown)]
    [InlineData("""{"A": 1, "_unknown": {"B": "AccessDenied"}}""", Verdict.Fail)]
    [InlineData("""{"_unknown": {"*": "AccessDenied"}}""", Verdict.Unknown)]
    [InlineData("""{"A": 1, "_unknown": {"*": "AccessDenied"}}""", Verdict.Fail)]
    public void The_verdict_depends_on_what_was_touched(string configuration, Verdict verdict) =>
        Evaluate(configuration, ["A"]).Verdict.ShouldBe(verdict);

    [Fact]
    public void An_unknown_verdict_names_the_attribute_and_its_code() =>
        Evaluate("""{"_unknown": {"A": "AccessDenied"}}""", ["A.B.C"]).Reason.ShouldBe(new UnknownReason("A", "AccessDenied"));

    [Fact]
    public void A_violation_that_does_not_depend_on_the_unknown_attribute_is_a_fail()
    {
        var verdict = Evaluate("""{"B": 1, "_unknown": {"A": "AccessDenied"}}""", ["A", "B"]);

        verdict.Verdict.ShouldBe(Verdict.Fail);
        verdict.Evidence!.Value.GetRawText().ShouldBe("""{"violation":1}""");
    }

    [Fact]
    public void A_short_circuit_does_not_touch() =>
        Evaluate("""{"B": 1, "_unknown": {"A": "AccessDenied"}}""", ["B || A"]).Verdict.ShouldBe(Verdict.Fail);

    [Theory]
    [InlineData("@")]
    [InlineData("keys(@)")]
    [InlineData("*")]
    [InlineData("values(@)[0]")]
    public void Reading_everything_touches_unknown_attributes(string violation) =>
        Evaluate("""{"B": 1, "_unknown": {"A": "AccessDenied"}}""", [violation]).Verdict.ShouldBe(Verdict.Unknown);

    [Fact]
    public void A_runtime_error_is_unknown_and_never_a_pass() =>
        Evaluate("""{"A": 1}""", ["length(A)"]).ShouldBe(new PolicyVerdict { Verdict = Verdict.Unknown, Reason = new UnknownReason(null, "EVALUATION_ERROR") });

    [Theory]
    [InlineData("!B && undecided('B_NOT_SEEN')", Verdict.Unknown, "B_NOT_SEEN")]
    [InlineData("!A && undecided('A_NOT_SEEN')", Verdict.Pass, null)]
    [InlineData("undecided('not a code')", Verdict.Unknown, "EVALUATION_ERROR")]
    public void An_undecided_expression_is_unknown_with_its_reason(string violation, Verdict verdict, string? code)
    {
        var evaluated = Evaluate("""{"A": 1}""", [violation]);

        (evaluated.Verdict, evaluated.Reason?.Code).ShouldBe((verdict, code));
    }

    [Fact]
    public void A_certain_violation_is_a_fail_even_if_another_is_undecided() =>
        Evaluate("""{"A": 1}""", ["undecided('B_NOT_SEEN')", "A"]).Verdict.ShouldBe(Verdict.Fail);

    [Fact]
    public void A_required_value_that_AWS_omitted_is_unknown()
    {
        Evaluate("""{"A": {}}""", ["known(A.B) == `0`"]).ShouldBe(
            new PolicyVerdict { Verdict = Verdict.Unknown, Reason = new UnknownReason(null, "MISSING_VALUE") });
        Evaluate("""{"A": {"B": 0}}""", ["known(A.B) == `0`"]).Verdict.ShouldBe(Verdict.Fail);
        Evaluate("""{"_unknown": {"A": "AccessDenied"}}""", ["known(A.B) == `0`"]).Reason.ShouldBe(new UnknownReason("A", "AccessDenied"));
    }

    [Theory]
    [InlineData("arn:aws-us-gov:iam::123456789012:settings", "aws-us-gov")]
    [InlineData("arn:aws-cn:s3:::b", "aws-cn")]
    [InlineData("vol-1", "aws")]
    public void The_partition_is_that_of_the_ARN(string arn, string partition) =>
        _evaluator.Evaluate(Policy([$"$partition == '{partition}'"]), Input("{}") with { Arn = arn }).Verdict.ShouldBe(Verdict.Fail);

    [Fact]
    public void An_error_caused_by_an_unknown_attribute_has_its_reason() =>
        Evaluate("""{"_unknown": {"A": "AccessDenied"}}""", ["length(A)"]).Reason.ShouldBe(new UnknownReason("A", "AccessDenied"));

    [Fact]
    public void An_error_in_one_alternative_does_not_hide_the_violation_of_another() =>
        Evaluate("""{"A": 1}""", ["length(A)", "A"]).Verdict.ShouldBe(Verdict.Fail);

    [Theory]
    [InlineData("""{"On": true, "A": 1}""", Verdict.Fail)]
    [InlineData("""{"On": false, "A": 1}""", Verdict.NotApplicable)]
    [InlineData("""{"A": 1}""", Verdict.NotApplicable)]
    [InlineData("""{"A": 1, "_unknown": {"On": "AccessDenied"}}""", Verdict.Unknown)]
    public void A_policy_applies_only_if_that_is_known(string configuration, Verdict verdict) =>
        Evaluate(configuration, ["A"], applies: "On").Verdict.ShouldBe(verdict);

    [Fact]
    public void An_error_in_applies_is_unknown() =>
        Evaluate("""{"On": 1}""", ["A"], applies: "length(On)").Reason.ShouldBe(new UnknownReason(null, "EVALUATION_ERROR"));

    [Fact]
    public void An_evidence_expression_changes_the_evidence_and_never_the_verdict()
    {
        Evaluate("""{"A": 1}""", ["A"], evidence: "{a: A}").Evidence!.Value.GetRawText().ShouldBe("""{"a":1}""");
        Evaluate("""{"A": 1}""", ["A"], evidence: "B").Evidence!.Value.GetRawText().ShouldBe("""{"violation":1}""");
        Evaluate("""{"A": 1}""", ["A"], evidence: "length(A)").Evidence!.Value.GetRawText().ShouldBe("""{"violation":1}""");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(300)]
    [InlineData(30_000)]
    public void Evidence_is_limited_to_4_KB_and_marked_when_truncated(int items)
    {
        var list = JsonSerializer.Serialize(Enumerable.Range(0, items).Select(i => new { Name = $"é-{i}", Text = new string('ü', 90) }));

        var evidence = Evaluate($$"""{"A": {{list}}}""", ["A"]).Evidence!.Value;

        Encoding.UTF8.GetByteCount(evidence.GetRawText()).ShouldBeLessThanOrEqualTo(4096);
        evidence.TryGetProperty("_truncated", out _).ShouldBe(items > 3);
    }

    [Fact]
    public void Truncated_evidence_keeps_its_keys()
    {
        var evidence = Evaluate($$"""{"A": "{{new string('x', 9000)}}"}""", ["A"], evidence: "{name: 'b', text: A}").Evidence!.Value;

        evidence.GetProperty("name").GetString().ShouldBe("b");
        evidence.GetProperty("text").GetString().ShouldEndWith("…");
    }

    [Theory]
    [InlineData("$account == '123456789012'")]
    [InlineData("$partition == 'aws'")]
    [InlineData("$region == 'eu-west-1'")]
    [InlineData("$arn == 'arn:aws:s3:::b'")]
    [InlineData("$tags.Stage == 'prod'")]
    [InlineData("$now == '2026-03-01T00:00:00.000Z'")]
    [InlineData("$limit == `5`")]
    [InlineData("$other == 'default'")]
    [InlineData("age_days('2026-02-19T00:00:00Z') == `10`")]
    [InlineData("days_until('2026-03-11T12:00:00Z') == `10.5`")]
    [InlineData("age_days(Missing) == null")]
    [InlineData("to_list('a') == ['a'] && to_list(['a']) == ['a'] && to_list(Missing) == `[]`")]
    [InlineData("known('a') == 'a' && known(`false`) == `false` && known(`[]`) == `[]`")]
    [InlineData("matches('prod-web', 'prod-.*') && !matches('a-prod-web', 'prod-.*') && !matches(Missing, 'x')")]
    public void Variables_and_functions_are_bound(string violation) => Evaluate("{}", [violation]).Verdict.ShouldBe(Verdict.Fail);

    [Fact]
    public void Tags_that_could_not_be_read_are_unknown()
    {
        Evaluate("""{"_unknown": {"Tags": "AccessDenied"}}""", ["$tags.Stage"], tags: null).Reason.ShouldBe(new UnknownReason("Tags", "AccessDenied"));
        Evaluate("{}", ["$tags.Stage"], tags: null).Reason.ShouldBe(new UnknownReason("Tags", "TAGS_UNKNOWN"));
    }

    [Fact]
    public void An_invalid_time_is_unknown() => Evaluate("""{"A": "yesterday"}""", ["age_days(A) > `1`"]).Verdict.ShouldBe(Verdict.Unknown);

    [Theory]
    [InlineData("""[{"Public": true}]""", null, Verdict.Fail)]
    [InlineData("""[{"Public": false}]""", null, Verdict.Pass)]
    [InlineData("[]", null, Verdict.Pass)]
    [InlineData("[]", "NotCovered", Verdict.Unknown)]
    [InlineData("""[{"_unknown": {"Public": "AccessDenied"}}]""", null, Verdict.Unknown)]
    [InlineData("""[{"Public": false, "_unknown": {"Other": "AccessDenied"}}]""", null, Verdict.Pass)]
    public void A_lookup_is_evaluated_with_its_known_attributes(string found, string? code, Verdict verdict)
    {
        var policy = Policy(["$bucket[?Public]"], lookup: "bucket");
        var input = Input("{}") with { Related = new Dictionary<string, RelatedResources> { ["bucket"] = new(code, [.. Json(found).EnumerateArray()]) } };

        _evaluator.Evaluate(policy, input).Verdict.ShouldBe(verdict);
    }

    private PolicyVerdict Evaluate(string configuration, string[] violation, string? applies = null, string? evidence = null, string? tags = "prod") =>
        _evaluator.Evaluate(Policy(violation, applies, evidence), Input(configuration, tags));

    private static PolicyInput Input(string configuration, string? stage = "prod") => new()
    {
        Configuration = Json(configuration),
        AccountId = "123456789012",
        Arn = "arn:aws:s3:::b",
        Region = "eu-west-1",
        Tags = stage is null ? null : new Dictionary<string, string> { ["Stage"] = stage },
        Params = new Dictionary<string, JsonElement> { ["limit"] = Json("5") },
        Now = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero),
    };

    private static PolicyDefinition Policy(string[] violation, string? applies = null, string? evidence = null, string? lookup = null) => new()
    {
        Id = "Test",
        Title = "",
        Description = "",
        ResourceType = "AWS::S3::Bucket",
        Service = "s3",
        Category = "encryption",
        Severity = 50,
        Params = new Dictionary<string, JsonElement> { ["limit"] = Json("1"), ["other"] = Json("\"default\"") },
        Lookups = lookup is null ? [] : [new PolicyLookup(lookup, "AWS::S3::Bucket", Parse("Name"), Parse("Name"), false)],
        Applies = applies is null ? null : Parse(applies),
        Violation = [.. violation.Select(Parse)],
        Evidence = evidence is null ? null : Parse(evidence),
        Remediation = "",
        DefinitionHash = "",
    };

    private static JmesPathExpression Parse(string text) => JmesPathExpression.Parse(text, PolicyFunctions.Options);

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
