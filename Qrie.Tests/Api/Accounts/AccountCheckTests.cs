using System.Net;
using System.Text.Json;
using Qrie.Api.Endpoints.Accounts;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Aws.Onboarding;
using Qrie.Domain.Accounts;
using Qrie.Tests.Catalog;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api.Accounts;

/// <summary>The check of an account's prerequisites, and the onboarding template.</summary>
public sealed class AccountCheckTests
{
    [EmulatorFact]
    public async Task An_accessible_account_has_no_problem()
    {
        var estate = Estate.Create();
        await using var proxy = await FaultProxy.StartAsync();
        await using var qrie = await StartAsync(proxy, estate);

        var check = await CheckAsync(qrie, estate.AccountId);

        check.GetProperty("ok").GetBoolean().ShouldBeTrue(check.ToString());
        check.GetProperty("failed").GetArrayLength().ShouldBe(0);
        check.GetProperty("caller_arn").GetString()!.ShouldContain($":assumed-role/QrieReadOnly-{estate.AccountId}/");
        check.GetProperty("services").EnumerateArray().Select(s => s.GetProperty("service").GetString())
            .ShouldBe(ShippedCatalog.Instance.Services.Select(s => s.Key));
        check.GetProperty("missing").GetArrayLength().ShouldBe(0);
        check.GetProperty("not_tried").EnumerateArray().Select(a => a.GetString()).ShouldContain("s3:GetBucketPolicy");
        (await qrie.PostAsync("/accounts/999999999999/check", new { })).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [EmulatorFact]
    public async Task Denied_actions_are_reported_with_consequences_and_remedy()
    {
        var estate = Estate.Create();
        await using var proxy = await FaultProxy.StartAsync();
        await using var qrie = await StartAsync(proxy, estate);
        await qrie.LaunchAsync("S3BucketVersioningDisabled");
        await qrie.LaunchAsync("EC2UnencryptedEBS");
        proxy.On("s3:ListBuckets").ForAccount(estate.AccountId).AccessDenied();

        var check = await CheckAsync(qrie, estate.AccountId);

        check.GetProperty("ok").GetBoolean().ShouldBeFalse();
        check.GetProperty("managed_policies").EnumerateArray().Select(m => $"{m.GetProperty("name")} {m.GetProperty("policies_lost")}")
            .ShouldBe(["SecurityAudit []", """ViewOnlyAccess ["S3BucketVersioningDisabled"]"""]);
        var missing = check.GetProperty("missing").EnumerateArray().ShouldHaveSingleItem();
        (missing.GetProperty("action").GetString(), missing.GetProperty("policies_lost").ToString())
            .ShouldBe(("s3:ListAllMyBuckets", """["S3BucketVersioningDisabled"]"""));
        missing.GetProperty("remedy").GetString()!.ShouldContain("/accounts/onboarding");
        check.GetProperty("services").EnumerateArray().Select(s => (s.GetProperty("service").GetString()!, s.GetProperty("outcome").GetString()!))
            .ShouldBe(ShippedCatalog.Instance.Services.Select(s => (s.Key, s.Key == "s3" ? "denied" : "ok")));
    }

    [EmulatorFact]
    public async Task A_role_that_cannot_be_assumed_is_explained_and_the_check_can_be_repeated_at_once()
    {
        var estate = Estate.Create();
        await using var proxy = await FaultProxy.StartAsync();
        await using var qrie = await StartAsync(proxy, estate);
        proxy.On("sts:AssumeRole").AccessDenied();

        var check = await CheckAsync(qrie, estate.AccountId);

        (check.GetProperty("ok").GetBoolean(), check.GetProperty("caller_arn").ValueKind).ShouldBe((false, JsonValueKind.Null));
        check.GetProperty("problem").GetProperty("code").GetString().ShouldBe("AccessDenied");
        check.GetProperty("problem").GetProperty("remedy").GetString()!.ShouldContain("trust Qrie's principal");
        proxy.Heal(); // remove all rules, so that calls that the emulator lacks fail again
        (await CheckAsync(qrie, estate.AccountId)).GetProperty("problem").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [EmulatorFact]
    public async Task A_call_that_fails_for_another_reason_is_reported_but_not_as_a_missing_permission()
    {
        var estate = Estate.Create();
        await using var proxy = await FaultProxy.StartAsync();
        await using var qrie = await StartAsync(proxy, estate);
        proxy.On("rds:DescribeDBClusters").Error("InternalFailure", 500);

        var check = await CheckAsync(qrie, estate.AccountId);

        (check.GetProperty("ok").GetBoolean(), check.GetProperty("missing").GetArrayLength()).ShouldBe((false, 0));
        var failed = check.GetProperty("failed").EnumerateArray().ShouldHaveSingleItem();
        (failed.GetProperty("operation").GetString(), failed.GetProperty("code").GetString()).ShouldBe(("rds:DescribeDBClusters", "InternalFailure"));
    }

    [EmulatorFact]
    public async Task The_onboarding_template_is_completed_and_can_be_deployed_unchanged()
    {
        var estate = Estate.Create();
        await using var proxy = await FaultProxy.StartAsync();
        await using var qrie = await RunningQrie.StartAtAsync(
            proxy.Url, settings: "--Events:QueueUrl=https://sqs.eu-west-1.amazonaws.com/123456789012/qrie-events");

        var onboarding = (await qrie.GetAsync("/accounts/onboarding")).Body;

        var externalId = onboarding.GetProperty("external_id").GetString()!;
        externalId.ShouldNotBe((await qrie.GetAsync("/accounts/onboarding")).Body.GetProperty("external_id").GetString());
        onboarding.GetProperty("principal_arn").GetString()!.ShouldStartWith($"arn:aws:");
        onboarding.GetProperty("event_queue_arn").GetString().ShouldBe("arn:aws:sqs:eu-west-1:123456789012:qrie-events");
        onboarding.GetProperty("stack_set")[0].GetString()!.ShouldContain("create-stack-set");
        await estate.DoAsync("cloudformation", "CreateStack", new
        {
            StackName = "qrie",
            TemplateBody = onboarding.GetProperty("template").GetString(),
            Capabilities = new[] { "CAPABILITY_NAMED_IAM" },
        });
        using var aws = await EmulatedAws.StartAsync();
        var role = (await aws.Api.CallAsync(estate.Call("iam", "GetRole", new { RoleName = $"QrieReadOnly-{estate.AccountId}" }), default)).Content
            .GetProperty("Role");
        var trust = Uri.UnescapeDataString(role.GetProperty("AssumeRolePolicyDocument").ToString());
        trust.ShouldContain(externalId);
        trust.ShouldContain(onboarding.GetProperty("principal_arn").GetString()!);
    }

    [Fact]
    public async Task A_role_without_a_response_from_AWS_is_a_problem_with_a_remedy()
    {
        var clock = new FakeClock();
        var api = new SilentAboutRoles();
        var region = new AwsRegion("us-east-1");
        using var ambient = new AmbientIdentityLookup(api, region, clock);
        var principals = new PrincipalResolver(ambient, Microsoft.Extensions.Options.Options.Create(new AwsApiOptions()));
        var check = new AccountCheck(api, EmulatedAws.Models, principals, region, clock, _ => { });
        var account = new Account { Organization = "default", AccountId = "222222222222" };

        var checking = check.RunAsync(account, ShippedCatalog.Instance, default);
        await api.Asked;
        clock.Advance(TimeSpan.FromSeconds(60));
        var result = await checking;

        (result.Code, result.CallerArn, result.Calls.Count).ShouldBe(("Timeout", null, 0));
        CheckView.Remedy(account, result).ShouldContain("network");
    }

    [Theory]
    [InlineData("arn:aws:sts::123456789012:assumed-role/Qrie/i-1", "arn:aws:iam::123456789012:role/Qrie")]
    [InlineData("arn:aws-us-gov:sts::123456789012:assumed-role/Qrie/task", "arn:aws-us-gov:iam::123456789012:role/Qrie")]
    [InlineData("arn:aws:iam::123456789012:user/qrie", "arn:aws:iam::123456789012:user/qrie")]
    [InlineData("arn:aws:sts::123456789012:federated-user/x", "arn:aws:sts::123456789012:federated-user/x")]
    public void A_trust_policy_names_the_role_of_a_session(string caller, string trusted) => OnboardingBundleFactory.TrustedArn(caller).ShouldBe(trusted);

    private static async Task<RunningQrie> StartAsync(FaultProxy proxy, Estate estate)
    {
        Lacking.AnswerEmpty(proxy);
        var qrie = await RunningQrie.StartAtAsync(proxy.Url, settings: "--Aws:ExternalId=an-external-id");
        (await qrie.PostAsync("/accounts", new { account_id = estate.AccountId, regions = new[] { "eu-west-1" } })).Status.ShouldBe(HttpStatusCode.Created);
        return qrie;
    }

    private static async Task<JsonElement> CheckAsync(RunningQrie qrie, string account)
    {
        var (status, check) = await qrie.PostAsync($"/accounts/{account}/check", new { });
        status.ShouldBe(HttpStatusCode.OK, check.ToString());
        return check;
    }

    /// <summary>Responds to calls with Qrie's own credentials only.</summary>
    private sealed class SilentAboutRoles : IAwsApi
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public async Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel)
        {
            if (call.Principal.RoleArn is not null)
            {
                _asked.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            }

            return AwsResult.Success(JsonElement.Parse("""{"Account":"111111111111","Arn":"arn:aws:iam::111111111111:user/qrie"}"""), Some.Noon, null);
        }
    }
}
