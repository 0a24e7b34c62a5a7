using System.Text;
using System.Text.Json;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Recording;
using Qrie.Aws.Api.Redaction;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Aws;

/// <summary>Secrets that are planted wherever the emulator can answer them are found nowhere behind the engine.</summary>
public sealed class RedactionTests : IDisposable
{
    // No pattern knows this one: the model's trait or the catalog's rules must.
    private const string Password = "tr0ub4dor-and-3-staple";
    private const string AccessKey = "AKIAQRIEPLANTED12345";
    private const string PrivateKey = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAplanted\n-----END RSA PRIVATE KEY-----";
    private const string GitHubToken = "ghp_plantedplantedplantedplantedplante01";
    private const string Url = "https://planted:hunter2hunter2@example.com/hook";

    private static readonly string _userData = Convert.ToBase64String(Encoding.UTF8.GetBytes($"#!/bin/sh\ncat > key <<X\n{PrivateKey}\nX\nexport PASSWORD={Password}"));

    /// <summary>What the service files will say about these operations.</summary>
    private static readonly RedactionRules _rules = RedactionRules.Create(
        new Dictionary<string, IReadOnlyList<string>>
        {
            ["ec2:DescribeInstanceAttribute"] = ["UserData.Value"],
            ["ec2:DescribeLaunchTemplateVersions"] = ["LaunchTemplateVersions[].LaunchTemplateData.UserData"],
            ["ecs:DescribeTaskDefinition"] = ["taskDefinition.containerDefinitions[].environment[].value"],
            ["codebuild:BatchGetProjects"] = ["projects[].environment.environmentVariables[].value"],
            ["glue:GetJobs"] = ["Jobs[].DefaultArguments.*"],
            ["autoscaling:DescribeLaunchConfigurations"] = ["LaunchConfigurations[].UserData"],
        },
        new Dictionary<string, IReadOnlyList<string>> { ["organizations:ListAccounts"] = ["Accounts[].Name"] });

    private readonly string _folder = Directory.CreateTempSubdirectory("qrie-redaction-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [EmulatorFact]
    public async Task Planted_secrets_are_in_no_answer_recording_or_log()
    {
        var estate = Estate.Create();
        await PlantAsync(estate);
        var log = new CollectingLogger();
        using var raw = await EmulatedAws.StartAsync(redact: false);
        using var aws = await EmulatedAws.StartAsync(rules: _rules, logger: log);
        var recorder = new RecordingAwsApi(aws.Api, _folder);

        var missed = new List<string>();
        foreach (var (call, secret) in Reads(estate))
        {
            var before = await raw.Api.CallAsync(call, default);
            before.Error.ShouldBeNull($"{call}");
            before.Content.GetRawText().ShouldContain(JsonEncodedText.Encode(secret, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(), customMessage: $"{call} does not answer what was planted");

            var after = await recorder.CallAsync(call, default);
            after.Error.ShouldBeNull();
            after.Content.GetRawText().ShouldContain("\"_redacted\":true", customMessage: $"{call}");
            missed.AddRange(Found(after.Content.GetRawText()).Select(s => $"{call}: {s}"));
        }

        missed.ShouldBeEmpty();
        await recorder.SaveAsync(default);
        var files = string.Concat(Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(File.ReadAllText));
        Found(files).ShouldBeEmpty();
        Found(log.Text).ShouldBeEmpty();
    }

    [EmulatorFact]
    public async Task Of_a_secret_its_length_its_fingerprint_and_what_it_looks_like_remain()
    {
        var estate = Estate.Create();
        await PlantAsync(estate);
        using var aws = await EmulatedAws.StartAsync(rules: _rules);
        var versions = await aws.Api.CallAsync(estate.Call("ec2", "DescribeLaunchTemplateVersions", new { LaunchTemplateName = "planted" }), default);

        var kept = versions.Content.GetProperty("LaunchTemplateVersions")[0].GetProperty("LaunchTemplateData").GetProperty("UserData");

        kept.GetProperty("length").GetInt32().ShouldBe(_userData.Length);
        kept.GetProperty("hmac").GetString()!.Length.ShouldBe(32);
        kept.GetProperty("matches").EnumerateArray().Select(m => m.GetString()).ShouldBe(["private_key", "assigned_secret"]);
    }

    [EmulatorFact]
    public async Task Names_stay_and_so_does_what_the_catalog_calls_plain()
    {
        var estate = Estate.Create();
        await PlantAsync(estate);
        await estate.DoAsync("organizations", "CreateOrganization", new { FeatureSet = "ALL" });
        using var with = await EmulatedAws.StartAsync(rules: _rules);
        using var without = await EmulatedAws.StartAsync();

        var function = await with.Api.CallAsync(estate.Call("lambda", "GetFunctionConfiguration", new { FunctionName = "planted" }), default);
        var plain = await with.Api.CallAsync(estate.Call("organizations", "ListAccounts"), default);
        var marked = await without.Api.CallAsync(estate.Call("organizations", "ListAccounts"), default);

        var variables = function.Content.GetProperty("Environment").GetProperty("Variables");
        variables.GetProperty("DB_PASSWORD").GetProperty("_redacted").GetBoolean().ShouldBeTrue();
        plain.Content.GetProperty("Accounts")[0].GetProperty("Name").ValueKind.ShouldBe(JsonValueKind.String);
        marked.Content.GetProperty("Accounts")[0].GetProperty("Name").GetProperty("_redacted").GetBoolean().ShouldBeTrue();
    }

    [EmulatorFact]
    public async Task The_id_of_an_access_key_is_no_secret_under_its_own_name()
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
    public void Certain_patterns_are_recognised(string text, string id)
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
    public void Ordinary_configuration_is_left_alone(string text) => SecretPatterns.FindCertain(text).ShouldBeEmpty();

    private static IEnumerable<string> Found(string text) =>
        new[] { Password, AccessKey, "MIIEpAIBAAKCAQEAplanted", GitHubToken, "hunter2hunter2", _userData }.Where(s => text.Contains(s, StringComparison.Ordinal));

    private static async Task PlantAsync(Estate estate)
    {
        await estate.DoAsync("iam", "CreateRole", new { RoleName = "r", AssumeRolePolicyDocument = "{}", Description = $"made with {AccessKey}" });
        await estate.DoAsync("lambda", "CreateFunction", new
        {
            FunctionName = "planted",
            Runtime = "python3.12",
            Handler = "a.b",
            Role = $"arn:aws:iam::{estate.AccountId}:role/r",
            Code = new { ZipFile = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==" },
            Environment = new { Variables = new { DB_PASSWORD = Password } },
        });
        await estate.DoAsync("ecs", "RegisterTaskDefinition", new
        {
            family = "planted",
            containerDefinitions = new[] { new { name = "c", image = "i", memory = 64, environment = new[] { new { name = "P", value = Password } } } },
        });
        await estate.DoAsync("ec2", "CreateLaunchTemplate", new { LaunchTemplateName = "planted", LaunchTemplateData = new { UserData = _userData } });
        await estate.DoAsync("codebuild", "CreateProject", new
        {
            name = "planted",
            source = new { type = "S3", location = "b/x" },
            artifacts = new { type = "NO_ARTIFACTS" },
            serviceRole = $"arn:aws:iam::{estate.AccountId}:role/service-role/r",
            environment = new
            {
                type = "LINUX_CONTAINER",
                image = "i",
                computeType = "BUILD_GENERAL1_SMALL",
                environmentVariables = new[] { new { name = "P", value = Password } },
            },
        });
        await estate.DoAsync("glue", "CreateJob", new
        {
            Name = "planted",
            Role = "r",
            Command = new { Name = "glueetl" },
            DefaultArguments = new Dictionary<string, string> { ["--password"] = Password },
        });
        await estate.DoAsync("autoscaling", "CreateLaunchConfiguration", new { LaunchConfigurationName = "planted", ImageId = "ami-12c6146b", InstanceType = "t2.micro", UserData = _userData });
        await estate.DoAsync("s3", "CreateBucket", new { Bucket = estate.Unique("planted") });
        await estate.DoAsync("s3", "PutBucketTagging", new { Bucket = estate.Unique("planted"), Tagging = new { TagSet = new[] { new { Key = "token", Value = GitHubToken } } } });
        await estate.DoAsync("ssm", "PutParameter", new { Name = "planted", Type = "SecureString", Value = Password, Description = $"key {AccessKey}" });
        await estate.DoAsync("secretsmanager", "CreateSecret", new { Name = "planted", SecretString = Password, Description = PrivateKey });
        var topic = await estate.DoAsync("sns", "CreateTopic", new { Name = "planted" });
        await estate.DoAsync("sns", "Subscribe", new { TopicArn = topic.GetProperty("TopicArn").GetString(), Protocol = "https", Endpoint = Url });
        await estate.DoAsync("stepfunctions", "CreateStateMachine", new
        {
            name = "planted",
            roleArn = $"arn:aws:iam::{estate.AccountId}:role/r",
            definition = """{"StartAt":"A","States":{"A":{"Type":"Pass","Result":"PASSWORD","End":true}}}""".Replace("PASSWORD", Password, StringComparison.Ordinal),
        });
    }

    private static IEnumerable<(AwsCall Call, string Secret)> Reads(Estate estate) =>
    [
        (estate.Call("iam", "GetRole", new { RoleName = "r" }), AccessKey),
        (estate.Call("iam", "ListRoles"), AccessKey),
        (estate.Call("lambda", "ListFunctions"), Password),
        (estate.Call("lambda", "GetFunctionConfiguration", new { FunctionName = "planted" }), Password),
        (estate.Call("ecs", "DescribeTaskDefinition", new { taskDefinition = "planted" }), Password),
        (estate.Call("ec2", "DescribeLaunchTemplateVersions", new { LaunchTemplateName = "planted" }), _userData),
        (estate.Call("codebuild", "BatchGetProjects", new { names = new[] { "planted" } }), Password),
        (estate.Call("glue", "GetJobs"), Password),
        (estate.Call("autoscaling", "DescribeLaunchConfigurations"), _userData),
        (estate.Call("s3", "GetBucketTagging", new { Bucket = estate.Unique("planted") }), GitHubToken),
        (estate.Call("ssm", "DescribeParameters"), AccessKey),
        (estate.Call("secretsmanager", "ListSecrets"), PrivateKey),
        (estate.Call("secretsmanager", "DescribeSecret", new { SecretId = "planted" }), PrivateKey),
        (estate.Call("sns", "ListSubscriptions"), Url),
        (estate.Call("stepfunctions", "DescribeStateMachine", new { stateMachineArn = $"arn:aws:states:us-east-1:{estate.AccountId}:stateMachine:planted" }), Password),
    ];
}
