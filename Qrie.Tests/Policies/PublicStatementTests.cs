using Qrie.Domain.Policies.Documents;

namespace Qrie.Tests.Policies;

/// <summary>Statements that grant public access.</summary>
public class PublicStatementTests : PolicyDocumentTest
{
    [Theory]
    // Principals.
    [InlineData("everyone", """{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}""", true)]
    [InlineData("everyone as AWS", """{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject", "Resource": "*"}""", true)]
    [InlineData(
        "everyone in a list",
        """{"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111111111111:root", "*"]}, "Action": "s3:GetObject", "Resource": "*"}""", true)]
    [InlineData("an account", """{"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "*", "Resource": "*"}""", false)]
    [InlineData("a role", """{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:role/r"}, "Action": "*", "Resource": "*"}""", false)]
    [InlineData("a service", """{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "*", "Resource": "*"}""", false)]
    [InlineData("any account's root", """{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::*:root"}, "Action": "*", "Resource": "*"}""", true)]
    [InlineData(
        "everyone but one", """{"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::111111111111:user/u"}, "Action": "*", "Resource": "*"}""", true)]
    [InlineData("any canonical user", """{"Effect": "Allow", "Principal": {"CanonicalUser": "*"}, "Action": "*", "Resource": "*"}""", true)]
    [InlineData("no principal: an identity policy", """{"Effect": "Allow", "Action": "*", "Resource": "*"}""", false)]
    // Effects.
    [InlineData("a deny", """{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}""", false)]
    [InlineData("no effect", """{"Principal": "*", "Action": "*", "Resource": "*"}""", false)]
    [InlineData("element names in small letters", """{"effect": "Allow", "principal": "*", "action": "*", "resource": "*"}""", true)]
    // Conditions that restrict the caller.
    [InlineData(
        "an organization",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc123"}}}""", false)]
    [InlineData(
        "condition keys ignore case",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"AWS:principalorgid": "o-abc123"}}}""", false)]
    [InlineData(
        "any organization",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:PrincipalOrgID": "o-*"}}}""", true)]
    [InlineData(
        "a path of an organization",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": """
        + """{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc/r-1/ou-1/*"}}}""",
        false)]
    [InlineData(
        "for all values holds without the key",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": """
        + """{"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-abc/*"}}}""",
        true)]
    [InlineData(
        "a source account",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceAccount": "111111111111"}}}""",
        false)]
    [InlineData(
        "a source account with a wildcard",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:SourceAccount": "1111*"}}}""", true)]
    [InlineData(
        "a source account written as a number",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceAccount": 111111111111}}}""", false)]
    [InlineData(
        "a source account if it exists",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": """
        + """{"StringEqualsIfExists": {"aws:SourceAccount": "111111111111"}}}""",
        true)]
    [InlineData(
        "an owner",
        """{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sns:Publish", "Resource": "*", "Condition": """
        + """{"StringEquals": {"AWS:SourceOwner": "111111111111"}}}""",
        false)]
    [InlineData(
        "a principal's account",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": """
        + """{"StringEquals": {"aws:PrincipalAccount": ["111111111111", "222222222222"]}}}""",
        false)]
    [InlineData(
        "a principal's ARN",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": """
        + """{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/*"}}}""",
        false)]
    [InlineData(
        "a principal's ARN in any account",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": """
        + """{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}}""",
        true)]
    [InlineData(
        "a source ARN",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": """
        + """{"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:111111111111:t"}}}""",
        false)]
    [InlineData(
        "a bucket as source",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}}}""", false)]
    [InlineData(
        "any bucket as source",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}}""", true)]
    [InlineData(
        "any topic of an account",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": """
        + """{"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111111111111:*"}}}""",
        false)]
    [InlineData(
        "one of two sources is open",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": """
        + """{"ArnLike": {"aws:SourceArn": ["arn:aws:sns:*:111111111111:*", "arn:aws:sns:*:*:*"]}}}""",
        true)]
    [InlineData(
        "an endpoint",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}""", false)]
    [InlineData(
        "a VPC", """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}""", false)]
    [InlineData(
        "any VPC", """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:SourceVpc": "vpc-*"}}}""", true)]
    [InlineData(
        "all but a VPC",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}""", true)]
    [InlineData(
        "an address",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.7"}}}""", false)]
    [InlineData(
        "a range",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": """
        + """{"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}}""",
        false)]
    [InlineData(
        "every address",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}""", true)]
    [InlineData(
        "every IPv6 address",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "::/0"]}}}""",
        true)]
    [InlineData(
        "half of the internet",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}}""", true)]
    [InlineData(
        "all but an address",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.7"}}}""", true)]
    [InlineData(
        "a user id",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}}""", false)]
    [InlineData(
        "any user id", """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:userid": "*"}}}""", true)]
    [InlineData(
        "the caller's account at KMS",
        """{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*", "Condition": """
        + """{"StringEquals": {"kms:CallerAccount": "111111111111"}}}""",
        false)]
    [InlineData(
        "a policy variable is no fixed value",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": """
        + """{"StringEquals": {"aws:SourceVpc": "${aws:PrincipalTag/vpc}"}}}""",
        true)]
    [InlineData(
        "a mount target",
        """{"Effect": "Allow", "Principal": "*", "Action": "elasticfilesystem:ClientMount", "Resource": "*", "Condition": """
        + """{"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}}""",
        false)]
    [InlineData(
        "an endpoint of an account",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:VpceAccount": "111111111111"}}}""", false)]
    [InlineData(
        "an endpoint of an organization",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:VpceOrgID": "o-abc"}}}""", false)]
    // Conditions that do not.
    [InlineData(
        "an address inside whatever VPC",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/16"}}}""", true)]
    [InlineData(
        "an address inside one VPC",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": """
        + """{"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/16"}, "StringEquals": {"aws:SourceVpc": "vpc-1"}}}""",
        false)]
    [InlineData(
        "whose resource it is",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": "111111111111"}}}""",
        true)]
    [InlineData(
        "encryption in transit",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}""", true)]
    [InlineData(
        "a referer, which anyone can send",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:Referer": "https://example.com/*"}}}""",
        true)]
    [InlineData(
        "a user agent",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:UserAgent": "secret"}}}""", true)]
    [InlineData(
        "a date",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}}""",
        true)]
    [InlineData(
        "one open and one fixed key",
        """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": """
        + """{"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceVpce": "vpce-1"}}}""",
        false)]
    [InlineData("an empty condition", """{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {}}""", true)]
    // Actions and resources in other forms.
    [InlineData("not action", """{"Effect": "Allow", "Principal": "*", "NotAction": "s3:DeleteBucket", "Resource": "*"}""", true)]
    [InlineData("not resource", """{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "NotResource": "arn:aws:s3:::b/private/*"}""", true)]
    public void A_statement_is_public_if_anyone_has_access(string what, string statement, bool isPublic) =>
        PolicyDocumentAnalyzer.PublicStatements(Document(statement)).Count.ShouldBe(isPublic ? 1 : 0, what);

    [Theory]
    [InlineData("token.actions.githubusercontent.com", "{}", true)]
    [InlineData("token.actions.githubusercontent.com", """{"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}""", true)]
    [InlineData("token.actions.githubusercontent.com", """{"StringLike": {"token.actions.githubusercontent.com:sub": "*"}}""", true)]
    [InlineData(
        "token.actions.githubusercontent.com", """{"StringLike": {"token.actions.githubusercontent.com:sub": ["repo:owner/*", "repo:*/deploy:*"]}}""", true)]
    [InlineData("token.actions.githubusercontent.com", """{"StringLike": {"token.actions.githubusercontent.com:sub": "repo:own?r/*"}}""", true)]
    [InlineData(
        "token.actions.githubusercontent.com", """{"StringLike": {"token.actions.githubusercontent.com:sub": "repo:owner/*:ref:refs/heads/main"}}""", false)]
    [InlineData(
        "token.actions.githubusercontent.com", """{"StringEquals": {"Token.Actions.GitHubUserContent.com:Sub": "repo:owner/one:environment:prod"}}""", false)]
    [InlineData("token.actions.githubusercontent.com", """{"StringEquals": {"token.actions.githubusercontent.com:repository_owner_id": "4711"}}""", false)]
    [InlineData("token.actions.githubusercontent.com", """{"StringEquals": {"token.actions.githubusercontent.com:environment": "prod"}}""", true)]
    [InlineData(
        "token.actions.githubusercontent.com",
        """{"StringNotEquals": {"token.actions.githubusercontent.com:sub": "repo:owner/one:ref:refs/heads/main"}}""", true)]
    [InlineData("token.actions.githubusercontent.com", """{"ForAllValues:StringLike": {"token.actions.githubusercontent.com:sub": "repo:owner/*"}}""", false)]
    [InlineData("app.terraform.io", """{"StringLike": {"app.terraform.io:sub": "organization:acme:project:*:workspace:*"}}""", false)]
    [InlineData("gitlab.com", """{"StringLike": {"gitlab.com:sub": "project_path:acme*"}}""", true)]
    [InlineData("accounts.google.com", """{"StringEquals": {"accounts.google.com:aud": "my-app"}}""", false)]
    [InlineData("gitlab.example.com", "{}", false)]
    [InlineData("oidc.eks.eu-west-1.amazonaws.com/id/0A1B", "{}", false)]
    public void A_shared_identity_provider_is_public_unless_the_tenant_is_restricted(string provider, string condition, bool isPublic)
    {
        foreach (var principal in new[] { provider, $"arn:aws:iam::{Own}:oidc-provider/{provider}" })
        {
            var document = Document(
                $$"""{"Effect": "Allow", "Principal": {"Federated": "{{principal}}"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": """
                + $$"""{{condition}}}""");

            PolicyDocumentAnalyzer.PublicStatements(document).Count.ShouldBe(isPublic ? 1 : 0, principal);
            PolicyDocumentAnalyzer.ExternalPrincipals(document, Own).ShouldBeEmpty();
        }
    }
}
