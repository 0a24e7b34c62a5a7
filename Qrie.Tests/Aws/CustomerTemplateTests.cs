using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Qrie.Aws.Onboarding;
using Qrie.Aws.Permissions;
using Qrie.Domain.Catalog.CloudTrail;
using Qrie.Domain.Catalog.Loading;
using Qrie.Tests.Catalog;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Aws;

/// <summary>The template for watched accounts: it matches the catalog, passes AWS's linter, and grants Qrie access.</summary>
public sealed class CustomerTemplateTests
{
    private static readonly string[] _follows =
    [
        "s3/PutBucketPolicy", "s3/DeleteBucketPolicy", "s3/PutBucketAcl", "s3/PutBucketPublicAccessBlock",
        "s3/PutBucketEncryption", "s3/PutBucketVersioning", "s3/CreateBucket", "s3/DeleteBucket",
        "s3/PutBucketLogging", "ec2/AuthorizeSecurityGroupIngress", "ec2/RevokeSecurityGroupEgress",
        "ec2/CreateSecurityGroup", "ec2/DeleteSecurityGroup", "ec2/RunInstances", "ec2/TerminateInstances",
        "ec2/ModifyInstanceAttribute", "iam/CreateUser", "iam/DeleteUser", "iam/CreateAccessKey",
        "iam/UpdateAssumeRolePolicy", "iam/AttachRolePolicy", "iam/PutUserPolicy", "iam/CreatePolicyVersion",
        "iam/UpdateAccountPasswordPolicy",
    ];

    private static string Template => CustomerTemplate.Of(
        ShippedCatalog.Instance,
        new CatalogPermissions(EmulatedAws.Models, IamActionsFile.Read(Path.Combine(ShippedCatalog.Folder, "aws", "actions.yaml"))));

    private static string Shipped([CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "deploy", "customer-bootstrap.yaml"));

    [Fact]
    public async Task The_shipped_template_is_up_to_date()
    {
        var path = Shipped();
        if (Environment.GetEnvironmentVariable("QRIE_WRITE_REFERENCE") == "1")
        {
            await File.WriteAllTextAsync(path, Template);
        }

        (await File.ReadAllTextAsync(path) == Template).ShouldBeTrue("Run this test with QRIE_WRITE_REFERENCE=1.");
    }

    [Fact]
    public void The_template_stays_below_the_limits_of_CloudFormation_and_IAM_with_room_for_more_services()
    {
        // CloudFormation's limit is 51,200 characters, IAM's ten policies per role: a part of both is left for further services.
        Template.Length.ShouldBeLessThan(48_000);
        var documents = PolicyDocuments.Of(new CatalogPermissions(
            EmulatedAws.Models, IamActionsFile.Read(Path.Combine(ShippedCatalog.Folder, "aws", "actions.yaml"))).For(ShippedCatalog.Instance));
        documents.Count.ShouldBeLessThan(6);
        documents.ShouldAllBe(d => JsonSerializer.Serialize(d, JsonSerializerOptions.Web).Length <= 6_144);
    }

    [Fact]
    public void Its_rules_match_the_events_of_the_catalog_and_no_failed_calls()
    {
        var patterns = EventPatterns.Of(ShippedCatalog.Instance);

        patterns.ShouldAllBe(p => p.Json.Length <= 2048);
        foreach (var follows in _follows)
        {
            var (service, name) = (follows.Split('/')[0], follows.Split('/')[1]);
            patterns.Count(p => Matches(p, $"{service}.amazonaws.com", name)).ShouldBe(1, follows);
        }

        patterns.ShouldNotContain(p => Matches(p, "s3.amazonaws.com", "GetBucketAcl") || Matches(p, "ec2.amazonaws.com", "DescribeInstances"));
        patterns.ShouldAllBe(p => p.Json.Contains("\"errorCode\":[{\"exists\":false}]"));
        patterns.ShouldAllBe(p => p.Json.Contains("\"detail-type\":[\"AWS API Call via CloudTrail\",\"AWS Service Event via CloudTrail\"]"));
        Template.Split("detail-type: [AWS API Call via CloudTrail, AWS Service Event via CloudTrail]").Length.ShouldBe(patterns.Count + 1);
    }

    [Fact]
    public void Every_event_that_the_catalog_claims_is_matched()
    {
        var patterns = EventPatterns.Of(ShippedCatalog.Instance);
        foreach (var service in ShippedCatalog.Instance.Services)
        {
            foreach (var (source, name) in service.Resources.SelectMany(r => r.Events)
                .SelectMany(e => e.Names.Select(n => (e.EventSource ?? service.EventSource, n))))
            {
                patterns.ShouldContain(p => Matches(p, source, name.Replace("*", "Xyz", StringComparison.Ordinal)), $"{source} {name}");
            }
        }
    }

    [EmulatorFact]
    public async Task The_linter_of_AWS_reports_nothing()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("qrie-template-").FullName, "template.yaml");
        await File.WriteAllTextAsync(file, Template);
        using var lint = Process.Start(
            new ProcessStartInfo("python3", ["-c", "import sys; from cfnlint.runner import main; sys.exit(main())", "--regions", "us-east-1", "--", file])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        var said = await lint.StandardOutput.ReadToEndAsync() + await lint.StandardError.ReadToEndAsync();
        await lint.WaitForExitAsync();

        lint.ExitCode.ShouldBe(0, said);
    }

    [EmulatorFact]
    public async Task It_creates_the_role_that_Qrie_assumes_and_the_rules()
    {
        var estate = Estate.Create();
        await estate.DoAsync("cloudformation", "CreateStack", new
        {
            StackName = "qrie",
            TemplateBody = Template,
            Capabilities = new[] { "CAPABILITY_NAMED_IAM" },
            Parameters = new[]
            {
                new { ParameterKey = "QriePrincipalArn", ParameterValue = $"arn:aws:iam::{MotoServer.BaseAccount}:role/qrie" },
                new { ParameterKey = "ExternalId", ParameterValue = "an-external-id" },
                new { ParameterKey = "EventQueueArn", ParameterValue = $"arn:aws:sqs:us-east-1:{MotoServer.BaseAccount}:events" },
            },
        });
        using var aws = await EmulatedAws.StartAsync();

        var role = (await aws.Api.CallAsync(estate.Call("iam", "GetRole", new { RoleName = $"QrieReadOnly-{estate.AccountId}" }), default)).Content
            .GetProperty("Role");
        var trust = role.GetProperty("AssumeRolePolicyDocument").ToString();
        trust.Contains("an-external-id").ShouldBeTrue(trust);
        var policies =
            (await aws.Api.CallAsync(estate.Call("iam", "ListAttachedRolePolicies", new { RoleName = $"QrieReadOnly-{estate.AccountId}" }), default)).Content;
        policies.GetProperty("AttachedPolicies").GetArrayLength().ShouldBeGreaterThan(0);
        var rules = (await aws.Api.CallAsync(estate.Call("events", "ListRules"), default)).Content.GetProperty("Rules").EnumerateArray().ToList();
        rules.Count.ShouldBe(EventPatterns.Of(ShippedCatalog.Instance).Count);
        rules.ShouldAllBe(r => r.GetProperty("State").GetString() == "ENABLED");
    }

    private static bool Matches(EventPattern pattern, string source, string name) => pattern.Source == source
        && JsonElement.Parse(pattern.Json).GetProperty("detail").GetProperty("eventName")
            .EnumerateArray().Any(matcher => matcher.ValueKind == JsonValueKind.String
                ? matcher.GetString() == EventKey.WithoutDate(name)
                : matcher.TryGetProperty("prefix", out var prefix) ? name.StartsWith(prefix.GetString()!, StringComparison.Ordinal)
                : Qrie.Domain.Wildcard.Matches(matcher.GetProperty("wildcard").GetString()!, name));
}
