using Qrie.Aws.Api;
using Qrie.Aws.Api.Protocol;
using Qrie.Domain.Inventory;
using Qrie.Tests.Inventory.Emulated;

namespace Qrie.Tests.Inventory;

/// <summary>Responses without information are neither a value nor its absence; a resource is deleted if every read says so.</summary>
public sealed class MissingDataTests
{
    private const string Bucket = "AWS::S3::Bucket";
    private const string Account = "AWS::IAM::Account";
    private const string Report = "<root_account>,arn:aws:iam::123456789012:root,true";

    private readonly CollectorHarness _harness = new();

    [Fact]
    public async Task A_bucket_not_found_by_any_read_is_read_once_more_and_then_deleted()
    {
        _harness.Aws.On("s3:ListBuckets", """{"Buckets": [{"Name": "gone-b"}, {"Name": "there"}]}""");
        EveryRead(call => call.Text("Bucket") == "gone-b" ? FakeAws.Error(AwsErrorKind.NotFound, "NoSuchBucket") : "{}");

        var collected = await _harness.CollectAsync("s3");

        collected.Gone.ShouldHaveSingleItem().Id.ShouldBe("gone-b");
        collected.Buckets.ShouldHaveSingleItem().Id.ShouldBe("there");
        _harness.Aws.Calls.Count(call => call.Text("Prefix") == "gone-b").ShouldBe(1);
        (await _harness.CollectOneAsync("s3", Bucket, "gone-b")).ShouldBeOfType<SingleCollectionResult.Gone>();
    }

    [Fact]
    public async Task A_bucket_not_found_by_one_read_exists_as_long_as_it_is_listed()
    {
        _harness.Aws.On("s3:ListBuckets", """{"Buckets": [{"Name": "odd"}]}""");
        EveryRead(call => call.Operation == "GetBucketAcl" ? "{}" : FakeAws.Error(AwsErrorKind.NotFound, "NoSuchBucket"));

        var odd = (await _harness.CollectAsync("s3"))["odd"];

        odd.Unknown["Versioning"].ShouldBe("NoSuchBucket");
        odd.Unknown.ContainsKey("Acl").ShouldBeFalse();
    }

    [Fact]
    public async Task A_bucket_that_reappears_between_the_reads_exists()
    {
        var gone = true;
        _harness.Aws.On("s3:ListBuckets", call =>
        {
            gone &= call.Text("Prefix") is null;
            return """{"Buckets": [{"Name": "back"}]}""";
        });
        EveryRead(_ => gone ? FakeAws.Error(AwsErrorKind.NotFound, "NoSuchBucket") : "{}");

        var collected = await _harness.CollectAsync("s3");

        collected.Gone.ShouldBeEmpty();
        collected["back"].Unknown["Versioning"].ShouldBe("NoSuchBucket");
    }

    [Fact]
    public async Task A_response_without_the_requested_resource_does_not_mean_that_it_is_deleted()
    {
        _harness.Aws.On("iam:GetUser", "{}");

        var one = (await _harness.CollectOneAsync("iam", "AWS::IAM::User", "ann")).ShouldBeOfType<SingleCollectionResult.Unreadable>();

        one.ErrorCode.ShouldBe(InvalidResponseException.Code);
    }

    [Fact]
    public async Task An_empty_description_leaves_the_resource_unknown()
    {
        var policy = """{"Policies": [{"Arn": "arn:aws:iam::123456789012:policy/p", "PolicyName": "p", "PolicyVersionList": []}]}""";
        _harness.Aws.On("iam:GetAccountAuthorizationDetails", policy).On("iam:GetPolicy", "{}");

        var collected = (await _harness.CollectAsync("iam"))["arn:aws:iam::123456789012:policy/p"];

        collected.Unknown["*"].ShouldBe(InvalidResponseException.Code);
    }

    [Theory]
    [InlineData("LimitExceeded")]
    [InlineData("ServiceFailure")]
    [InlineData("Throttling")]
    public async Task An_existing_report_is_read_even_if_no_new_one_can_be_generated(string code)
    {
        _harness.Aws.Fails("iam:GenerateCredentialReport", AwsErrorKind.Other, code, "No more capacity to launch new report generation tasks");
        RespondWithReport();

        var account = (await _harness.CollectAsync("iam")).Resources.Single(r => r.Type == Account);

        account.Attribute("RootCredentials").ShouldNotBeNull().ShouldContain("password_enabled");
        account.Unknown.ContainsKey("RootCredentials").ShouldBeFalse();
    }

    [Fact]
    public async Task A_report_that_is_never_ready_does_not_prevent_reading_an_older_one()
    {
        _harness.Aws.On("iam:GenerateCredentialReport", """{"State": "STARTED"}""");
        RespondWithReport();

        (await _harness.CollectAsync("iam")).Resources.Single(r => r.Type == Account).Attribute("RootCredentials").ShouldNotBeNull();
    }

    [Fact]
    public async Task Without_a_report_or_with_denied_reports_the_root_user_is_unknown()
    {
        _harness.Aws.Fails("iam:GenerateCredentialReport", AwsErrorKind.Other, "LimitExceeded")
            .Fails("iam:GetCredentialReport", AwsErrorKind.Other, "ReportNotPresent");
        (await _harness.CollectAsync("iam")).Resources.Single(r => r.Type == Account).Unknown["RootCredentials"].ShouldBe("ReportNotPresent");

        _harness.Aws.Fails("iam:GenerateCredentialReport", AwsErrorKind.Denied, "AccessDenied");
        (await _harness.CollectAsync("iam")).Resources.Single(r => r.Type == Account).Unknown["RootCredentials"].ShouldBe("AccessDenied");
    }

    [Theory]
    [InlineData("""{"SummaryMap": {"AccountMFAEnabled": 0}}""", "unknown")]
    [InlineData("""{"SummaryMap": {}}""", "unknown")]
    [InlineData("""{}""", "unknown")]
    [InlineData("""{"SummaryMap": {"AccountMFAEnabled": 0, "AccountAccessKeysPresent": 0}}""", "pass")]
    [InlineData("""{"SummaryMap": {"AccountMFAEnabled": 0, "AccountAccessKeysPresent": 1}}""", "fail")]
    public async Task A_number_that_the_account_summary_leaves_out_is_neither_zero_nor_one(string summary, string verdict)
    {
        const string Columns = "user,arn,password_enabled,password_last_used,access_key_1_last_used_date,access_key_2_last_used_date\n";
        const string Root = "<root_account>,arn:aws:iam::123456789012:root,not_supported,not_supported,N/A,N/A";
        _harness.Aws.On("iam:GetAccountSummary", summary)
            .On("iam:GetCredentialReport", $$"""{"Content": "{{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Columns + Root))}}"}""");

        var account = (await _harness.CollectAsync("iam")).Resources.Single(r => r.Type == Account);

        Verdicts.Of(account, "IAMRootAccountActive").ShouldBe(verdict);
    }

    private void RespondWithReport() => _harness.Aws.On("iam:GetCredentialReport", _ =>
        $$"""{"Content": "{{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes("user,arn,password_enabled\n" + Report))}}"}""");

    private void EveryRead(Func<AwsCall, object?> answer)
    {
        foreach (var operation in CollectorHarness.Models.FindService("s3")!.Operations.Where(o => o.Name.StartsWith("Get", StringComparison.Ordinal)))
        {
            _harness.Aws.On($"s3:{operation.Name}", answer);
        }
    }
}
