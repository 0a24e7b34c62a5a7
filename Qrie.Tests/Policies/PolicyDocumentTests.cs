using Qrie.Domain.Policies.Documents;
using Qrie.Domain.Policies.Functions;
using Qrie.JmesPath;

namespace Qrie.Tests.Policies;

/// <summary>Administrators, external principals, and the normal form of documents.</summary>
public class PolicyDocumentTests : PolicyDocumentTest
{
    [Theory]
    [InlineData("texts", """{"Effect": "Allow", "Action": "*", "Resource": "*"}""", true)]
    [InlineData("lists", """{"Effect": "Allow", "Action": ["s3:GetObject", "*"], "Resource": ["arn:aws:s3:::b", "*"]}""", true)]
    [InlineData("every service's actions", """{"Effect": "Allow", "Action": "*:*", "Resource": "*"}""", true)]
    [InlineData("every ARN", """{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:*"}""", true)]
    [InlineData(
        "with a condition", """{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}""", true)]
    [InlineData("everything but deleting a bucket", """{"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": "*"}""", true)]
    [InlineData("everything but IAM", """{"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}""", false)]
    [InlineData("everything but one resource", """{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::b"}""", true)]
    [InlineData("everything but users and roles", """{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:iam::*"}""", false)]
    [InlineData("everything but users", """{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:iam::*:user/*"}""", true)]
    [InlineData("everything but everything", """{"Effect": "Allow", "Action": "*", "NotResource": "*"}""", false)]
    [InlineData("one service", """{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}""", false)]
    [InlineData("all of IAM alone", """{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}""", false)]
    [InlineData("one bucket", """{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/*"}""", false)]
    [InlineData("one service's ARNs", """{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::*"}""", false)]
    [InlineData("reading", """{"Effect": "Allow", "Action": "*:Get*", "Resource": "*"}""", false)]
    [InlineData("a deny", """{"Effect": "Deny", "Action": "*", "Resource": "*"}""", false)]
    [InlineData("no resource", """{"Effect": "Allow", "Action": "*"}""", false)]
    public void A_statement_that_grants_everything_is_administrative(string what, string statement, bool isAdmin) =>
        PolicyDocumentAnalyzer.AdminStatements(Document(statement)).Count.ShouldBe(isAdmin ? 1 : 0, what);

    [Fact]
    public void A_deny_of_everything_prevents_administrators() =>
        PolicyDocumentAnalyzer.AdminStatements(
            Document("""{"Effect": "Allow", "Action": "*", "Resource": "*"}""", """{"Effect": "Deny", "Action": "*", "Resource": "*"}""")).ShouldBeEmpty();

    [Theory]
    [InlineData("the account itself", """{"Effect": "Allow", "Principal": {"AWS": ["111111111111", "arn:aws:iam::111111111111:root"]}, "Action": "*"}""")]
    [InlineData("another account", """{"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "*"}""", "222222222222")]
    [InlineData(
        "a role of another account",
        """{"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::222222222222:role/r", "arn:aws:iam::111111111111:role/r"]}, "Action": "*"}""",
        "arn:aws:iam::222222222222:role/r")]
    [InlineData(
        "another partition's ARN", """{"Effect": "Allow", "Principal": {"AWS": "arn:aws-us-gov:iam::333333333333:root"}, "Action": "*"}""",
        "arn:aws-us-gov:iam::333333333333:root")]
    [InlineData("a service", """{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}""")]
    [InlineData(
        "an identity provider", """{"Effect": "Allow", "Principal": {"Federated": "accounts.google.com"}, "Action": "sts:AssumeRoleWithWebIdentity"}""")]
    [InlineData("everyone", """{"Effect": "Allow", "Principal": "*", "Action": "*"}""", "*")]
    [InlineData(
        "everyone in the account",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "111111111111"}}}""")]
    [InlineData(
        "everyone in an organization",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}""")]
    [InlineData(
        "another account with an external id",
        """{"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "*", "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}""", "222222222222")]
    [InlineData(
        "everyone in another account",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": ["111111111111", "222222222222"]}}}""",
        "222222222222")]
    [InlineData(
        "roles of another account",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/*"}}}""",
        "222222222222")]
    [InlineData("a principal that was deleted", """{"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEID"}, "Action": "*"}""")]
    [InlineData("a canonical user", """{"Effect": "Allow", "Principal": {"CanonicalUser": "79a59d"}, "Action": "*"}""", "79a59d")]
    [InlineData("a deny", """{"Effect": "Deny", "Principal": {"AWS": "222222222222"}, "Action": "*"}""")]
    public void Principals_of_other_accounts_are_found(string what, string statement, params string[] expected) =>
        PolicyDocumentAnalyzer.ExternalPrincipals(Document(statement), Own).ShouldBe(expected, what);

    [Theory]
    [InlineData("""{"Statement": {"Effect": "Allow", "Action": "a", "Resource": "r", "Principal": "*"}}""",
        """{"Statement":[{"Effect":"Allow","Action":["a"],"Resource":["r"],"Principal":{"AWS":["*"]}}]}""")]
    [InlineData("""{"Version": "2012-10-17", "Statement": [{"Condition": {"StringEquals": {"AWS:SourceVpc": "v", "s3:Max-Keys": 5, "x": true}}}]}""",
        """{"Version":"2012-10-17","Statement":[{"Condition":{"StringEquals":{"aws:sourcevpc":["v"],"s3:max-keys":["5"],"x":["true"]}}}]}""")]
    [InlineData("""{"Statement": [{"Principal": {"AWS": "a", "Service": ["s", "t"]}, "NotAction": ["n"]}]}""",
        """{"Statement":[{"Principal":{"AWS":["a"],"Service":["s","t"]},"NotAction":["n"]}]}""")]
    public void Documents_are_normalized(string written, string normal)
    {
        var text = JmesValue.FromString(written);
        var encoded = JmesValue.FromString(Uri.EscapeDataString(written));

        PolicyDocumentNormalizer.Normalize(text).ToString().ShouldBe(normal);
        PolicyDocumentNormalizer.Normalize(encoded).ToString().ShouldBe(normal);
        PolicyDocumentNormalizer.Normalize(PolicyDocumentNormalizer.Normalize(text)).ToString().ShouldBe(normal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    public void An_invalid_document_is_an_error_and_not_an_empty_document(string text) =>
        Should.Throw<FormatException>(() => PolicyDocumentAnalyzer.PublicStatements(JmesValue.FromString(text)));

    [Theory]
    [InlineData("public_statements(Missing)", "[]")]
    [InlineData("policy_document(Missing)", "null")]
    [InlineData("length(public_statements(Policy))", "1")]
    [InlineData("external_principals(Policy, '111111111111')", "[\"*\"]")]
    [InlineData("length(admin_statements(Policy))", "1")]
    public void Policies_call_the_analyzers(string expression, string result)
    {
        var root = JmesValue.FromObject(
            KeyValuePair.Create("Policy", JmesValue.FromString("""{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}""")));

        JmesPathExpression.Parse(expression, PolicyFunctions.Options).Evaluate(root).ToString().ShouldBe(result);
    }
}
