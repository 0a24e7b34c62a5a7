using System.Text.Json;
using Qrie.Domain.Policies.Documents;
using Qrie.JmesPath;

namespace Qrie.Benchmarks.Policies;

/// <summary>The cost of analysing policy documents: common ones, and difficult ones.</summary>
internal sealed class DocumentsWorkload : IWorkload
{
    private const string Account = "123456789012";

    private static readonly (string Name, string Statements)[] s_resourcePolicies =
    [
        ("a service's role", """{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}"""),
        ("a role for an account", """{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}"""),
        ("a bucket that asks for TLS",
            """{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], """
            + """ "Condition": {"Bool": {"aws:SecureTransport": "false"}}}, {"Effect": "Allow", """
            + """ "Principal": {"AWS": "arn:aws:iam::123456789012:role/r"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"""),
        ("a role for a repository",
            """{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}, """
            + """ "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:octo-org/*"}}}"""),
        ("everyone of an organization",
            """{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}}"""),
        ("everyone", """{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"""),
        ("everyone, and denials",
            """{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}, """
            + """{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}, """
            + """{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"""),
        ("everyone, and denials of a part",
            """{"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}, """
            + """{"Effect": "Deny", "Principal": "*", "Action": "s3:Delete*", "Resource": "*"}, """
            + """{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/secret/*"}, """
            + """{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}}"""),
        ("everyone, and a denial of all but a network",
            """{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}, """
            + """{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], """
            + """ "Condition": {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.0/24"]}}}"""),
    ];

    private static readonly (string Name, string Statements)[] s_identityPolicies =
    [
        ("one bucket", """{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/*"}"""),
        ("several services", """{"Effect": "Allow", "Action": ["s3:*", "ec2:Describe*", "kms:Decrypt"], "Resource": "*"}, """
            + """{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}"""),
        ("administrator", """{"Effect": "Allow", "Action": "*", "Resource": "*"}"""),
    ];

    public string Name => "documents";

    public string Description => "policy documents: who has access, who is an administrator";

    public Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        foreach (var (name, statements) in s_resourcePolicies)
        {
            var document = Document(statements);
            CallRate.Measure($"public, {name}", () => PolicyDocumentAnalyzer.PublicStatements(document), figures);
            CallRate.Measure($"external, {name}", () => PolicyDocumentAnalyzer.ExternalPrincipals(document, Account), figures);
        }

        foreach (var (name, statements) in s_identityPolicies)
        {
            var document = Document(statements);
            CallRate.Measure($"administrator, {name}", () => PolicyDocumentAnalyzer.AdminStatements(document), figures);
        }

        return Task.FromResult(0);
    }

    private static JmesValue Document(string statements) =>
        JsonDocument.Parse($$"""{"Version": "2012-10-17", "Statement": [{{statements}}]}""").RootElement;
}
