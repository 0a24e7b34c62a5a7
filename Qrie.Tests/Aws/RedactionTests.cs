using System.Text;
using System.Text.Json;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Redaction;
using Qrie.Tests.Emulator;
using Qrie.Tests.Emulator.Secrets;

namespace Qrie.Tests.Aws;

/// <summary>The redacted form of secrets, and values that are not secret.</summary>
public sealed class RedactionTests
{
    [EmulatorFact]
    public async Task A_redacted_secret_has_its_length_fingerprint_and_pattern()
    {
        var estate = Estate.Create();
        await estate.DoAsync("ec2", "CreateLaunchTemplate", new { LaunchTemplateName = "planted", LaunchTemplateData = new { PlantedSecrets.UserData } });
        using var aws = await EmulatedAws.StartAsync();
        var versions = await aws.Api.CallAsync(estate.Call("ec2", "DescribeLaunchTemplateVersions", new { LaunchTemplateName = "planted" }), default);

        var kept = versions.Content.GetProperty("LaunchTemplateVersions")[0].GetProperty("LaunchTemplateData").GetProperty("UserData");

        kept.GetProperty("length").GetInt32().ShouldBe(PlantedSecrets.UserData.Length);
        kept.GetProperty("hmac").GetString()!.Length.ShouldBe(32);
        kept.GetProperty("matches").EnumerateArray().Select(m => m.GetString()).ShouldBe(["private_key", "assigned_secret"]);
    }

    [EmulatorFact]
    public async Task Names_and_paths_marked_as_plain_are_not_redacted()
    {
        var estate = Estate.Create();
        await estate.DoAsync("glue", "CreateConnection", new
        {
            ConnectionInput = new
            {
                Name = "c",
                ConnectionType = "JDBC",
                ConnectionProperties = new { PASSWORD = PlantedSecrets.Password, JDBC_ENFORCE_SSL = "false" },
            },
        });
        await estate.DoAsync("organizations", "CreateOrganization", new { FeatureSet = "ALL" });
        var plain = RedactionRules.Create([], new Dictionary<string, IReadOnlyList<string>>
        {
            ["organizations:ListAccounts"] = ["Accounts[].Name"],
            ["glue:GetConnections"] = ["ConnectionList[].ConnectionProperties.JDBC_ENFORCE_SSL"],
        });
        using var with = await EmulatedAws.StartAsync(rules: plain);
        using var without = await EmulatedAws.StartAsync();

        foreach (var (aws, isShown) in new[] { (with, true), (without, false) })
        {
            var accounts = await aws.Api.CallAsync(estate.Call("organizations", "ListAccounts"), default);
            (accounts.Content.GetProperty("Accounts")[0].GetProperty("Name").ValueKind is JsonValueKind.String).ShouldBe(isShown);
            var connections = await aws.Api.CallAsync(estate.Call("glue", "GetConnections"), default);
            var properties = connections.Content.GetProperty("ConnectionList")[0].GetProperty("ConnectionProperties");
            properties.GetProperty("PASSWORD").GetProperty("_redacted").GetBoolean().ShouldBeTrue();
            (properties.GetProperty("JDBC_ENFORCE_SSL").ValueKind is JsonValueKind.String).ShouldBe(isShown);
        }
    }

    [Fact]
    public void Every_listed_secret_member_exists_and_is_not_already_marked_by_AWS()
    {
        var wrong = new List<string>();
        foreach (var (service, member, reason) in EmulatedAws.Models.Secrets.All)
        {
            reason.ShouldNotBeNullOrWhiteSpace(member);
            var (shape, name) = (member.Split('.')[0], member.Split('.')[1]);
            var found = EmulatedAws.Models.FindService(service) is { } model
                ? model.Operations.Where(o => o.Output is not null).SelectMany(o => ShapesIn(o.Output!)).FirstOrDefault(s => s.Name == shape)?.FindMember(name)
                : null;
            if (found is not { IsSecret: true } || IsMarked(found.Shape))
            {
                wrong.Add($"{service} {member}");
            }
        }

        wrong.ShouldBeEmpty();
        EmulatedAws.Models.Secrets.All.Count().ShouldBeGreaterThan(200);
    }

    [Fact]
    public void Users_can_add_to_the_list_of_secrets_but_not_remove_from_it()
    {
        var folder = Directory.CreateTempSubdirectory("qrie-secrets-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "secrets.json"), """{"s3":{"Bucket.Name":"we keep names to ourselves"},"codebuild":{}}""");
            var models = ModelCatalog.Open(Path.Combine(AppContext.BaseDirectory, "catalog", "aws"), folder);

            models.FindOperation("s3", "ListBuckets")!.Output!.FindMember("Buckets")!.Shape.Element!.FindMember("Name")!.IsSecret.ShouldBeTrue();
            models.Secrets.Names("codebuild", "EnvironmentVariable", "value").ShouldBeTrue();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [EmulatorFact]
    public async Task The_id_of_an_access_key_is_not_a_secret_in_its_own_member()
    {
        var estate = Estate.Create();
        await estate.DoAsync("iam", "CreateUser", new { UserName = "u" });
        await estate.DoAsync("iam", "CreateAccessKey", new { UserName = "u" });
        using var aws = await EmulatedAws.StartAsync();

        var keys = await aws.Api.CallAsync(estate.Call("iam", "ListAccessKeys", new { UserName = "u" }), default);

        keys.Content.GetProperty("AccessKeyMetadata")[0].GetProperty("AccessKeyId").GetString()!.ShouldStartWith("AKIA");
    }

    [Theory]
    [InlineData("the key is AKIAQRIEPLANTED12345, use it", "aws_access_key_id")]
    [InlineData("aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY01", "aws_secret_access_key")]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----", "private_key")]
    [InlineData("ghp_plantedplantedplantedplantedplante01", "github_token")]
    [InlineData("xoxb-123456789012-abcdef", "slack_token")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "json_web_token")]
    [InlineData("AIzaSyA1234567890abcdefghijklmnopqrstuv", "google_api_key")]
    [InlineData("sk_live_abcdefghijklmnopqrst", "stripe_key")]
    [InlineData("postgres://app:pa55word@db.example.com/x", "url_credentials")]
    public void Specific_patterns_are_recognized(string text, string id)
    {
        SecretPatterns.FindCertain(text).ShouldBe([id]);
        SecretPatterns.MayMatch(Encoding.UTF8.GetBytes(text)).ShouldBeTrue();
        SecretPatterns.Strike(text).ShouldContain("***");
    }

    [Theory]
    [InlineData("arn:aws:iam::123456789012:role/AKIA")]
    [InlineData("https://sqs.us-east-1.amazonaws.com/123456789012/queue")]
    [InlineData("https://example.com:8443/path@2")]
    [InlineData("arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf")]
    [InlineData("d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    [InlineData("The password policy requires 14 characters")]
    public void Ordinary_configuration_is_not_redacted(string text) => SecretPatterns.FindCertain(text).ShouldBeEmpty();

    private static HashSet<Shape> ShapesIn(Shape root)
    {
        var seen = new HashSet<Shape>();
        var open = new Stack<Shape>([root]);
        while (open.TryPop(out var shape))
        {
            if (seen.Add(shape))
            {
                shape.Members.Select(m => m.Shape).Append(shape.Element).OfType<Shape>().ToList().ForEach(open.Push);
            }
        }

        return seen;
    }

    private static bool IsMarked(Shape shape) =>
        shape.IsSensitive || (shape.Element is { } element && shape.Kind is not ShapeKind.Structure && IsMarked(element));
}
