using System.Text.Json;
using Qrie.Domain.Policies;
using Qrie.Domain.Policies.Functions;
using Qrie.JmesPath;
using Qrie.Tests.Catalog;

namespace Qrie.Tests.Policies.Documents;

/// <summary>Undecided documents result in the verdict unknown with the statement.</summary>
public class UndecidedDocumentTests
{
    private const string Doubtful =
        """{"Sid": "Odd", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*", "Condition": {"Resembles": {"aws:userid": "o"}}}""";

    private const string Open = """{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}""";

    [Fact]
    public void A_verdict_over_it_is_unknown_with_the_statement()
    {
        var verdict = Evaluate("S3BucketPolicyPublic", $$"""{"Name": "b", "Policy": {"Statement": [{{Doubtful}}]} }""");

        verdict.Verdict.ShouldBe(Verdict.Unknown);
        verdict.Reason.ShouldBe(new UnknownReason(null, UnknownReason.Undecided, "statement 1 (Odd)"));
    }

    [Fact]
    public void A_certain_violation_is_a_fail_even_if_other_parts_are_undecided() =>
        Evaluate("S3BucketPolicyPublic", $$"""{"Name": "b", "Policy": {"Statement": [{{Doubtful}}, {{Open}}]} }""").Verdict.ShouldBe(Verdict.Fail);

    [Fact]
    public void The_error_names_the_statement()
    {
        var closed = Open.Replace("\"*\", \"Action\"", "{\"AWS\": \"111111111111\"}, \"Action\"", StringComparison.Ordinal);
        var root = JsonDocument.Parse($$"""{"Policy": {"Statement": [{{closed}}, {{Doubtful}}]} }""").RootElement;
        var asked = JmesPathExpression.Parse("external_principals(Policy, '111111111111')", PolicyFunctions.Options);

        var error = Should.Throw<JmesPathException>(() => asked.Evaluate(root));
        error.Kind.ShouldBe(JmesErrorKind.Undecided);
        error.Subject.ShouldBe("statement 2 (Odd)");
        error.Message.ShouldContain("statement 2 (Odd)");
    }

    [Theory]
    [InlineData("external_principals(Policy, '111111111111')", null)]
    [InlineData("external_principals(Policy, '111111111111', `[]`)", "[\"222222222222\"]")]
    [InlineData("external_principals(Policy, '111111111111', '222222222222')", null)]
    public void A_certain_result_requires_excluding_trusted_accounts(string expression, string? expected)
    {
        var named = Open.Replace("\"*\", \"Action\"", "{\"AWS\": \"222222222222\"}, \"Action\"", StringComparison.Ordinal);
        var root = JsonDocument.Parse($$"""{"Policy": {"Statement": [{{named}}, {{Doubtful}}]} }""").RootElement;
        var parsed = JmesPathExpression.Parse(expression, PolicyFunctions.Options);

        if (expected is null)
        {
            Should.Throw<JmesPathException>(() => parsed.Evaluate(root)).Kind.ShouldBe(JmesErrorKind.Undecided);
        }
        else
        {
            parsed.Evaluate(root).ToString().ShouldBe(expected);
        }
    }

    private static PolicyVerdict Evaluate(string policy, string configuration) => new PolicyEvaluator().Evaluate(
        ShippedCatalog.Instance.Policies.Single(known => known.Id == policy), new PolicyInput
        {
            Configuration = JsonDocument.Parse(configuration).RootElement,
            AccountId = "111111111111",
            Arn = "arn:aws:s3:::b",
            Region = "us-east-1",
            Params = new Dictionary<string, JsonElement>(),
            Now = DateTimeOffset.UnixEpoch,
            Tags = new Dictionary<string, string>(),
        });
}
