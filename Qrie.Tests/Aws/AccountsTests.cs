using Amazon.Runtime;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Metering;
using Qrie.Domain.Accounts;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support;

namespace Qrie.Tests.Aws;

/// <summary>The credentials for an account, and missing credentials.</summary>
public sealed class AccountsTests
{
    private static readonly AwsRegion _region = new("us-east-1");

    [EmulatorFact]
    public async Task The_account_of_the_ambient_credentials_is_determined()
    {
        using var aws = await EmulatedAws.StartAsync();
        using var lookup = new AmbientIdentityLookup(aws.Api, _region, TimeProvider.System);

        var answer = await lookup.GetAsync(default);

        answer.Problem.ShouldBeNull();
        (answer.Identity!.AccountId, answer.Identity.Partition).ShouldBe((MotoServer.BaseAccount, "aws"));
    }

    [Fact]
    public async Task Without_credentials_the_lookup_fails_within_three_seconds()
    {
        var clock = new FakeClock();
        var called = new TaskCompletionSource();
        using var engine = new AwsEngine(
            EmulatedAws.Models, new AwsApiOptions(), _region, new CallMeter(), clock, NullLogger.Instance, HangingChain);
        using var lookup = new AmbientIdentityLookup(new DirectApi(engine), _region, clock);

        var asked = lookup.GetAsync(default);
        await called.Task;
        clock.Advance(TimeSpan.FromSeconds(3));
        var answer = await asked;

        answer.Problem!.Kind.ShouldBe(AwsErrorKind.NoCredentials);
        answer.Problem.Message.ShouldContain("AWS_ACCESS_KEY_ID");

        async Task<AWSCredentials> HangingChain(CancellationToken cancel)
        {
            // The instance metadata service outside EC2: no response, and the token is ignored.
            called.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, CancellationToken.None);
            return new AnonymousAWSCredentials();
        }
    }

    [EmulatorFact]
    public async Task Rejected_credentials_are_a_reason_and_not_an_exception()
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url);
        proxy.On("sts:GetCallerIdentity").Error("InvalidClientTokenId", 403, "The security token included in the request is invalid.");
        using var lookup = new AmbientIdentityLookup(aws.Api, _region, TimeProvider.System);

        var answer = await lookup.GetAsync(default);

        (answer.Problem?.Kind, answer.Problem?.Code).ShouldBe((AwsErrorKind.Denied, "InvalidClientTokenId"));
    }

    [Fact]
    public async Task An_unreachable_AWS_is_a_reason_and_not_an_exception()
    {
        using var aws = EmulatedAws.At(new Uri($"http://127.0.0.1:{MotoServer.FreePort()}"));
        using var lookup = new AmbientIdentityLookup(aws.Api, _region, TimeProvider.System);

        var answer = await lookup.GetAsync(default);

        (answer.Problem?.Kind, answer.Problem?.Code).ShouldBe((AwsErrorKind.Unavailable, "ConnectionFailed"));
        answer.Problem!.Message.ShouldContain("Aws:Endpoint");
    }

    [EmulatorFact]
    public async Task A_role_is_assumed_once_for_many_calls_with_its_external_id()
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url);
        var estate = Estate.Create();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => aws.Api.CallAsync(estate.Call("kms", "ListKeys"), default)));

        answers.ShouldAllBe(a => a.Error == null);
        proxy.RequestsFor("AssumeRole").Count.ShouldBe(1);
        proxy.RequestsFor("AssumeRole")[0].BodyText.ShouldContain("ExternalId=an-external-id");
        proxy.RequestsFor("ListKeys").ShouldAllBe(r => r.AccountId == estate.AccountId);
    }

    [EmulatorFact]
    public async Task A_role_that_cannot_be_assumed_denies_every_call_with_one_attempt()
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url);
        proxy.On("sts:AssumeRole").AccessDenied("is not authorized to perform: sts:AssumeRole");
        var estate = Estate.Create();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => aws.Api.CallAsync(estate.Call("kms", "ListKeys"), default)));

        answers.ShouldAllBe(a => a.Error!.Kind == AwsErrorKind.Denied && a.Error.Code == "AccessDenied");
        answers[0].Error!.Message.ShouldContain(estate.Principal.RoleArn!);
        answers[0].Error!.Operation.ShouldBe("ListKeys");
        proxy.RequestsFor("AssumeRole").Count.ShouldBe(1);
        proxy.RequestsFor("ListKeys").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("111111111111", null, null, null)]
    [InlineData("111111111111", "arn:aws:iam::111111111111:role/own", "arn:aws:iam::111111111111:role/own", "common")]
    [InlineData("222222222222", null, "arn:aws:iam::222222222222:role/QrieReadOnly-222222222222", "common")]
    public void An_account_is_accessed_by_its_own_role_else_directly_or_by_the_default_role(
        string accountId, string? roleArn, string? expectedRole, string? expectedExternalId)
    {
        var account = new Account { Organization = "default", AccountId = accountId, RoleArn = roleArn };

        var principal = AwsRoles.PrincipalFor(account, new AmbientIdentity("111111111111", "aws", "arn"), new AwsApiOptions { ExternalId = "common" });

        principal.ShouldBe(new AwsPrincipal(accountId, expectedRole, expectedExternalId));
    }

    [Fact]
    public void In_another_partition_the_default_role_is_in_that_partition()
    {
        var account = new Account { Organization = "default", AccountId = "222222222222", ExternalId = "own" };

        var principal = AwsRoles.PrincipalFor(
            account, new AmbientIdentity("111111111111", "aws-us-gov", "arn"), new AwsApiOptions { RoleName = "path/Reader" });

        principal.ShouldBe(new AwsPrincipal("222222222222", "arn:aws-us-gov:iam::222222222222:role/path/Reader", "own"));
    }

    private sealed class DirectApi(AwsEngine engine) : IAwsApi
    {
        public Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel) => engine.SendAsync(call, redactor: null, cancel);
    }

    [EmulatorFact]
    public async Task Regions_that_are_not_enabled_are_omitted()
    {
        using var aws = await EmulatedAws.StartAsync();
        using var ambient = new AmbientIdentityLookup(aws.Api, _region, TimeProvider.System);
        var options = Microsoft.Extensions.Options.Options.Create(aws.Options);
        var access = new AwsAccess(aws.Api, ambient, new PrincipalResolver(ambient, options), _region, options);

        var (regions, error) = await access.FindRegionsAsync(new Account { Organization = "default", AccountId = Estate.Create().AccountId }, default);

        error.ShouldBeNull();
        regions = regions.ShouldNotBeNull();
        regions.ShouldContain("eu-central-1");
        regions.ShouldContain("us-east-1");
        var closed = (await aws.Api.CallAsync(Estate.Create().Call("ec2", "DescribeRegions"), default)).Content.GetProperty("Regions").EnumerateArray()
            .Where(r => r.GetProperty("OptInStatus").GetString() == "not-opted-in").Select(r => r.GetProperty("RegionName").GetString()!).ToList();
        closed.ShouldNotBeEmpty();
        regions.Intersect(closed).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_denied_role_is_retried_after_a_minute_at_a_regional_endpoint()
    {
        var clock = new FakeClock();
        var asked = new List<string>();
        using var sessions = new RoleSessions(
            (call, _) =>
            {
                asked.Add($"{call.Service}:{call.Operation} {call.Region}");
                return Task.FromResult(AwsResult.Failure(new AwsError(AwsErrorKind.Denied, "AccessDenied", "no", "sts", "AssumeRole"), clock.GetUtcNow()));
            },
            _ => "eu-west-1",
            clock);
        Task<CredentialsResult> GetAsync() => sessions.GetAsync("arn:aws:iam::111122223333:role/r", "x", default);

        (await GetAsync()).Problem!.Kind.ShouldBe(AwsErrorKind.Denied);
        clock.Advance(TimeSpan.FromSeconds(59));
        (await GetAsync()).Problem!.Code.ShouldBe("AccessDenied");
        asked.ShouldBe(["sts:AssumeRole eu-west-1"]);

        clock.Advance(TimeSpan.FromSeconds(2));
        await GetAsync();
        asked.Count.ShouldBe(2);
    }
}
