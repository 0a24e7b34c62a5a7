using Qrie.Domain.Policies.Documents;

namespace Qrie.Tests.Policies;

/// <summary>Denials that revoke public access granted by another statement.</summary>
public class PublicDenyTests : PolicyDocumentTest
{
    [Theory]
    [InlineData(
        "everyone outside an endpoint",
        """{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}""", false)]
    [InlineData(
        "everyone outside the organization but services",
        """{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": """
        + """{"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abc"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}""",
        false)]
    [InlineData(
        "everyone with credentials outside the organization",
        """{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": """
        + """{"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abc"}, "Bool": {"aws:PrincipalIsAWSService": "false"}}}""",
        true)]
    [InlineData(
        "everyone outside such addresses of whatever VPC",
        """{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:VpcSourceIp": "10.0.0.0/16"}}}""", true)]
    [InlineData(
        "everyone outside a range",
        """{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": ["s3:Get*"], "Resource": "arn:aws:s3:::b/*", "Condition": """
        + """{"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}""",
        false)]
    [InlineData("everyone", """{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}""", false)]
    [InlineData(
        "everyone but a role", """{"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111111111111:role/r"}, "Action": "s3:*", "Resource": "*"}""", false)]
    [InlineData("one role", """{"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111111111111:role/r"}, "Action": "*", "Resource": "*"}""", true)]
    [InlineData("other actions", """{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}""", true)]
    [InlineData("other resources", """{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "arn:aws:s3:::b/private/*"}""", true)]
    [InlineData(
        "requests without TLS",
        """{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}""", true)]
    [InlineData(
        "only outside both an endpoint and TLS",
        """{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": """
        + """{"StringNotEquals": {"aws:SourceVpce": "vpce-1"}, "Bool": {"aws:SecureTransport": "false"}}}""",
        true)]
    [InlineData(
        "everyone inside an endpoint",
        """{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}""", true)]
    public void A_deny_that_excludes_the_public_counts(string denied, string deny, bool isPublic)
    {
        var document = Document("""{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}""", deny);

        PolicyDocumentAnalyzer.PublicStatements(document).Count.ShouldBe(isPublic ? 1 : 0, denied);
    }

    [Theory]
    [InlineData(
        "everyone outside the organization",
        """{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}}}""", false)]
    [InlineData("another action", """{"Effect": "Deny", "Principal": "*", "Action": "sts:TagSession"}""", true)]
    [InlineData("one account", """{"Effect": "Deny", "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"}""", true)]
    public void A_deny_counts_in_a_trust_policy_without_resources(string denied, string deny, bool isPublic)
    {
        var document = Document("""{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}""", deny);

        PolicyDocumentAnalyzer.PublicStatements(document).Count.ShouldBe(isPublic ? 1 : 0, denied);
    }
}
