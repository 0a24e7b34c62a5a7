using System.Text.Json;
using Microsoft.Extensions.Options;
using Qrie.Api.Cli;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Domain.Accounts;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Aws;

public sealed class CallCommandTests
{
    [EmulatorFact]
    public async Task A_call_prints_the_response_for_the_given_account()
    {
        var estate = Estate.Create();
        await estate.DoAsync("s3", "CreateBucket", new { Bucket = estate.Unique("b") });

        var (code, output, errors) = await RunAsync(new CallArguments("s3:GetBucketAcl", $$"""{"Bucket":"{{estate.Unique("b")}}"}""", estate.AccountId));

        (code, errors).ShouldBe((CallCommand.Succeeded, ""));
        JsonElement.Parse(output).GetProperty("Grants").GetArrayLength().ShouldBe(1);
    }

    [EmulatorFact]
    public async Task All_pages_are_read_on_request_and_more_pages_are_announced_otherwise()
    {
        var estate = Estate.Create();
        foreach (var i in Enumerable.Range(0, 5))
        {
            await estate.DoAsync("logs", "CreateLogGroup", new { logGroupName = $"group{i}" });
        }

        var first = await RunAsync(new CallArguments("logs:DescribeLogGroups", """{"limit":2}""", estate.AccountId));
        var all = await RunAsync(new CallArguments("logs:DescribeLogGroups", """{"limit":2}""", estate.AccountId, AllPages: true));

        first.Output.ShouldContain("group1");
        first.Output.ShouldNotContain("group2");
        first.Errors.ShouldContain("--all");
        all.Output.ShouldContain("group4");
        all.Errors.ShouldBeEmpty();
    }

    [EmulatorFact]
    public async Task An_error_of_AWS_is_printed_with_its_code_and_exit_code_1()
    {
        var (code, output, errors) = await RunAsync(new CallArguments("s3:GetBucketPolicy", """{"Bucket":"qrie-no-such-bucket-here"}"""));

        (code, output).ShouldBe((CallCommand.RefusedByAws, ""));
        errors.ShouldContain("NoSuchBucket");
    }

    [Theory]
    [InlineData("s3", null, null, "write service:Operation")]
    [InlineData("s4:ListBuckets", null, null, "There is no service 's4'. Did you mean 's3'?")]
    [InlineData("s3:ListBukets", null, null, "s3 has no operation 'ListBukets'. Did you mean 'ListBuckets'?")]
    [InlineData("iam:listusers", null, null, "Did you mean 'ListUsers'?")]
    [InlineData("s3:ListBuckets", "{", null, "not JSON")]
    [InlineData("s3:ListBuckets", "[]", null, "must be a JSON object")]
    [InlineData("s3:GetBucketPolicy", null, null, "GetBucketPolicy needs Bucket.")]
    [InlineData("s3:GetBucketPolicy", """{"Buket":"b"}""", null, "GetBucketPolicy has no parameter 'Buket'. Did you mean 'Bucket'?")]
    [InlineData("s3:ListBuckets", null, "1234", "must be 12 digits")]
    [InlineData("s3:GetObject", null, null, "refused")]
    [InlineData("s3:DeleteBucket", null, null, "refused")]
    public async Task Invalid_usage_is_explained_with_exit_code_2(string call, string? parameters, string? account, string explanation)
    {
        var (code, _, errors) = await RunAsync(new CallArguments(call, parameters, account), new Uri("http://127.0.0.1:9"));

        code.ShouldBe(CallCommand.WrongUse);
        errors.ShouldContain(explanation);
    }

    [Fact]
    public async Task An_invalid_region_is_explained_too()
    {
        var (code, output, errors) = await RunAsync(new CallArguments("s3:ListBuckets", Region: "example.com/"), new Uri("http://127.0.0.1:9"));

        (code, output).ShouldBe((CallCommand.WrongUse, ""));
        errors.Trim().ShouldBe("'example.com/' is not a region; write it as in us-east-1.");
    }

    [EmulatorFact]
    public async Task A_denied_call_is_reported_with_its_class_and_request_id()
    {
        await using var proxy = await FaultProxy.StartAsync();
        proxy.On("s3:ListBuckets").AccessDenied();

        var (code, output, errors) = await RunAsync(new CallArguments("s3:ListBuckets"), proxy.Url);

        (code, output).ShouldBe((CallCommand.RefusedByAws, ""));
        errors.Trim().Split('\n').Length.ShouldBe(1);
        errors.ShouldContain("AccessDenied: You are not authorized to perform this operation. (Denied, HTTP 403, request ");
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(CallArguments arguments, Uri? endpoint = null)
    {
        using var aws = EmulatedAws.At(endpoint ?? await MotoServer.UrlAsync());
        using var ambient = new AmbientIdentityLookup(aws.Api, new AwsRegion("us-east-1"), TimeProvider.System);
        var principals = new PrincipalResolver(ambient, Options.Create(aws.Options));
        var command = new CallCommand(aws.Api, EmulatedAws.Models, principals, new AwsRegion("us-east-1"), new NoAccounts());
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await command.RunAsync(arguments, output, errors, default);
        return (code, output.ToString(), errors.ToString());
    }

    private sealed class NoAccounts : IAccountStore
    {
        public Task<AddAccountOutcome> AddAsync(Account account, CancellationToken cancel) => throw new NotSupportedException();

        public Task<Account?> FindAsync(string organization, string accountId, CancellationToken cancel) => throw new NotSupportedException();

        public Task<Account?> FindAnywhereAsync(string accountId, CancellationToken cancel) => Task.FromResult<Account?>(null);

        public Task<IReadOnlyList<AccountChangeResult>> ChangeAsync(
            string organization, IReadOnlyList<AccountChange> changes, bool allOrNothing, CancellationToken cancel) =>
            throw new NotSupportedException();

        public Task<bool> HasAnyInAsync(string organization, string ou, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<AccountHealth>> ListHealthAsync(string organization, string? accountId, CancellationToken cancel) =>
            throw new NotSupportedException();

        public Task RecordErrorAsync(string organization, string accountId, string service, AccountError error, CancellationToken cancel) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<Account>> ListAsync(string organization, bool includeRemoved, CancellationToken cancel) => throw new NotSupportedException();

        public Task RecordRegionsAsync(string organization, IReadOnlyDictionary<string, IReadOnlyList<string>> regionsByAccount, CancellationToken cancel) =>
            throw new NotSupportedException();

        public Task RecordInventoryAsync(string organization, string accountId, string service, DateTimeOffset at, CancellationToken cancel) =>
            throw new NotSupportedException();
    }
}
