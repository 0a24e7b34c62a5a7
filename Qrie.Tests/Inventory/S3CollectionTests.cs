using Qrie.Aws.Api;
using Qrie.Domain.Inventory;

namespace Qrie.Tests.Inventory;

public class S3CollectionTests
{
    private const string Bucket = "AWS::S3::Bucket";
    private readonly CollectorHarness _harness = new();

    public S3CollectionTests()
    {
        _harness.Aws
            .On("s3:ListBuckets", call => call.Text("Prefix") is { } prefix ? Buckets(prefix) : Buckets("alpha", "beta"))
            .On("s3:GetBucketVersioning", """{"Status": "Enabled", "MFADelete": "Disabled"}""")
            .On(
                "s3:GetBucketEncryption",
                """{"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}}""")
            .On("s3:GetPublicAccessBlock", """{"PublicAccessBlockConfiguration": {"BlockPublicAcls": true}}""")
            .On("s3control:GetPublicAccessBlock", """{"PublicAccessBlockConfiguration": {"IgnorePublicAcls": true}}""")
            .On("s3:GetBucketTagging", """{"TagSet": [{"Key": "Größe", "Value": "groß 🪣"}]}""")
            .Fails("s3:GetBucketPolicyStatus", AwsErrorKind.NotFound, "NoSuchBucketPolicy")
            .Fails("s3:GetBucketOwnershipControls", AwsErrorKind.NotFound, "OwnershipControlsNotFoundError")
            .On("s3:GetBucketCors", """{"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}""")
            .Fails("s3:GetBucketWebsite", AwsErrorKind.NotFound, "NoSuchWebsiteConfiguration")
            .On("s3:GetBucketAcl", """{"Owner": {"ID": "o"}, "Grants": []}""")
            .On("s3:GetBucketLogging", "{}");
    }

    [Fact]
    public async Task A_bucket_has_its_identity_its_attributes_and_its_tags()
    {
        var bucket = (await _harness.CollectAsync("s3"))["alpha"];

        bucket.Arn.ShouldBe("arn:aws:s3:::alpha");
        bucket.AccountId.ShouldBe(CollectorHarness.AccountId);
        bucket.Service.ShouldBe("s3");
        bucket.Region.ShouldBe("eu-west-1");
        bucket.ListedIn.ShouldBe(Regions.Global);
        bucket.Tags.ShouldBe(new Dictionary<string, string> { ["Größe"] = "groß 🪣" });
        bucket.Attribute("Versioning").ShouldBe("""{"Status":"Enabled","MFADelete":"Disabled"}""");
        bucket.Attribute("AccountPublicAccessBlock").ShouldBe("""{"IgnorePublicAcls":true}""");
        bucket.Attribute("Cors").ShouldBe("""[{"AllowedMethods":["GET"],"AllowedOrigins":["*"]}]""");
        bucket.Attribute("Location").ShouldBe("\"eu-west-1\"");
    }

    [Fact]
    public async Task Absent_attributes_and_helpers_are_not_stored()
    {
        var bucket = (await _harness.CollectAsync("s3"))["alpha"];

        bucket.Configuration.EnumerateObject().Select(member => member.Name).ShouldBe(
            ["Name", "CreationDate", "BucketRegion", "Location", "Encryption", "Versioning",
                "PublicAccessBlock", "AccountPublicAccessBlock", "Acl", "Cors", "Notifications", "Tags"],
            ignoreOrder: true);
        bucket.Unknown.ShouldBeEmpty();
    }

    [Fact]
    public async Task Calls_for_a_bucket_are_sent_to_its_region_and_account_settings_are_read_once()
    {
        await _harness.CollectAsync("s3");

        var calls = _harness.Aws.Calls.ToList();
        calls.Where(call => call.Operation == "GetBucketVersioning").ShouldAllBe(call => call.Region == "eu-west-1");
        calls.Single(call => call is { Service: "s3control", Operation: "GetPublicAccessBlock" }).Region.ShouldBe("us-east-1");
        calls.ShouldNotContain(call => call.Operation == "GetBucketLocation");
    }

    [Theory]
    [InlineData("{}", "us-east-1")]
    [InlineData("""{"LocationConstraint": "EU"}""", "eu-west-1")]
    [InlineData("""{"LocationConstraint": "ap-south-1"}""", "ap-south-1")]
    public async Task Without_a_region_in_the_list_the_location_is_read(string answer, string region)
    {
        _harness.Aws.On("s3:ListBuckets", """{"Buckets": [{"Name": "alpha"}]}""").On("s3:GetBucketLocation", answer);

        var bucket = (await _harness.CollectAsync("s3"))["alpha"];

        bucket.Region.ShouldBe(region);
        bucket.Attribute("Location").ShouldBe($"\"{region}\"");
        _harness.Aws.Calls.Single(call => call.Operation == "GetBucketAcl").Region.ShouldBe(region);
    }

    [Fact]
    public async Task A_denied_read_makes_only_its_attribute_unknown()
    {
        _harness.Aws.On("s3:GetBucketEncryption", call => call.Text("Bucket") == "alpha" ? FakeAws.Error(AwsErrorKind.Denied, "AccessDenied") : "{}");

        var collected = await _harness.CollectAsync("s3");

        collected["alpha"].Unknown.ShouldBe(new Dictionary<string, string> { ["Encryption"] = "AccessDenied" });
        collected["alpha"].Attribute("Encryption").ShouldBeNull();
        collected["alpha"].Attribute("_unknown").ShouldBe("""{"Encryption":"AccessDenied"}""");
        collected["beta"].Unknown.ShouldBeEmpty();
        collected.End(Bucket).Outcome.ShouldBe(ListOutcome.Complete);
    }

    [Fact]
    public async Task Unreadable_tags_are_unknown_and_missing_tags_are_empty()
    {
        _harness.Aws.On("s3:GetBucketTagging", call => call.Text("Bucket") == "alpha"
            ? FakeAws.Error(AwsErrorKind.Denied, "AccessDenied")
            : FakeAws.Error(AwsErrorKind.NotFound, "NoSuchTagSet"));

        var collected = await _harness.CollectAsync("s3");

        collected["alpha"].Tags.ShouldBeNull();
        collected["alpha"].Unknown.GetValueOrDefault("Tags").ShouldBe("AccessDenied");
        collected["beta"].Tags.ShouldNotBeNull().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(AwsErrorKind.Denied, "AccessDenied", ListOutcome.Denied)]
    [InlineData(AwsErrorKind.NotSubscribed, "NotSignedUp", ListOutcome.NotAvailable)]
    [InlineData(AwsErrorKind.RegionUnavailable, "RegionDisabled", ListOutcome.NotAvailable)]
    [InlineData(AwsErrorKind.Throttled, "SlowDown", ListOutcome.Failed)]
    [InlineData(AwsErrorKind.Unavailable, "Timeout", ListOutcome.Failed)]
    [InlineData(AwsErrorKind.NotFound, "NoSuchThing", ListOutcome.Failed)]
    public async Task A_failed_list_reports_the_reason(AwsErrorKind kind, string code, ListOutcome outcome)
    {
        _harness.Aws.Fails("s3:ListBuckets", kind, code, "in words");

        var collected = await _harness.CollectAsync("s3");

        collected.Buckets.ShouldBeEmpty();
        var end = collected.End(Bucket);
        (end.Outcome, end.ErrorCode, end.Message).ShouldBe((outcome, code, "in words"));
    }

    [Fact]
    public async Task Pages_before_a_failure_yield_their_resources_and_the_list_is_incomplete()
    {
        _harness.Aws.On("s3:ListBuckets", call => call.Text("ContinuationToken") is null
            ? """{"Buckets": [{"Name": "alpha", "BucketRegion": "us-east-1"}], "ContinuationToken": "next"}"""
            : FakeAws.Error(AwsErrorKind.Throttled, "SlowDown"));

        var collected = await _harness.CollectAsync("s3");

        collected.Buckets.ShouldHaveSingleItem().Id.ShouldBe("alpha");
        collected.End(Bucket).Outcome.ShouldBe(ListOutcome.Incomplete);
        collected.End(Bucket).ErrorCode.ShouldBe("SlowDown");
    }

    [Fact]
    public async Task A_bucket_deleted_between_list_and_describe_is_deleted_not_unknown()
    {
        DeleteDuringDescribe();

        var collected = await _harness.CollectAsync("s3");

        collected.Gone.ShouldHaveSingleItem().Id.ShouldBe("alpha");
        collected.Buckets.ShouldHaveSingleItem().Id.ShouldBe("beta");
        collected.End(Bucket).Outcome.ShouldBe(ListOutcome.Complete);
        _harness.Aws.Calls.Count(call => call.Text("Prefix") == "alpha").ShouldBe(1);
    }

    [Fact]
    public async Task An_attribute_of_an_existing_bucket_that_was_not_found_is_unknown()
    {
        _harness.Aws.On("s3:GetBucketLogging", call => call.Text("Bucket") == "alpha" ? FakeAws.Error(AwsErrorKind.NotFound, "NoSuchSomething") : "{}");

        var collected = await _harness.CollectAsync("s3");

        collected.Gone.ShouldBeEmpty();
        collected["alpha"].Unknown.GetValueOrDefault("Logging").ShouldBe("NoSuchSomething");
    }

    [Fact]
    public async Task A_bucket_of_uncertain_existence_is_kept_with_an_unknown_attribute()
    {
        DeleteDuringDescribe();
        _harness.Aws.On("s3:ListBuckets", call => call.Text("Prefix") is null ? Buckets("alpha") : FakeAws.Error(AwsErrorKind.Throttled, "SlowDown"));

        var collected = await _harness.CollectAsync("s3");

        collected["alpha"].Unknown.GetValueOrDefault("Versioning").ShouldBe("NoSuchBucket");
        collected.Gone.ShouldBeEmpty();
    }

    [Fact]
    public async Task Describe_time_is_the_send_time_of_the_oldest_call()
    {
        var collected = await _harness.CollectAsync("s3");

        // Types are read at the same time; the settings of the account are shared with another one, which may ask for them first.
        var listed = _harness.Aws.FirstSentAt("s3:ListBuckets");
        var shared = _harness.Aws.FirstSentAt("s3control:GetPublicAccessBlock");
        collected["alpha"].DescribeTime.ShouldBe(listed < shared ? listed : shared);
        collected.End(Bucket).Began.ShouldBe(listed);
    }

    [Fact]
    public async Task A_scan_and_a_single_read_have_the_same_result()
    {
        var scanned = (await _harness.CollectAsync("s3"))["alpha"];

        var one = (await _harness.CollectOneAsync("s3", Bucket, "alpha")).ShouldBeOfType<SingleCollectionResult.Found>().Resource;

        one.Configuration.GetRawText().ShouldBe(scanned.Configuration.GetRawText());
        one.Hash.ShouldBe(scanned.Hash);
        (one with { Configuration = default, DescribeTime = default, Tags = null, Unknown = scanned.Unknown })
            .ShouldBe(scanned with { Configuration = default, DescribeTime = default, Tags = null });
    }

    [Fact]
    public async Task A_bucket_whose_name_is_a_prefix_of_another_is_a_different_bucket()
    {
        _harness.Aws.On("s3:ListBuckets", Buckets("alpha-2", "alpha-3"));

        (await _harness.CollectOneAsync("s3", Bucket, "alpha")).ShouldBeOfType<SingleCollectionResult.Gone>().At.ShouldBe(FakeAws.Start);
    }

    [Fact]
    public async Task A_bucket_that_cannot_be_read_is_unclear()
    {
        _harness.Aws.Fails("s3:ListBuckets", AwsErrorKind.Denied, "AccessDenied", "no");

        (await _harness.CollectOneAsync("s3", Bucket, "alpha")).ShouldBe(new SingleCollectionResult.Unreadable("AccessDenied", "no"));
    }

    [Fact]
    public async Task A_bucket_deleted_while_it_is_described_is_deleted()
    {
        var asked = 0;
        DeleteDuringDescribe();
        _harness.Aws.On("s3:ListBuckets", _ => asked++ == 0 ? Buckets("alpha") : Buckets());

        (await _harness.CollectOneAsync("s3", Bucket, "alpha")).ShouldBeOfType<SingleCollectionResult.Gone>();
    }

    [Fact]
    public async Task Many_buckets_are_returned_in_batches_followed_by_the_end()
    {
        _harness.Aws.On("s3:ListBuckets", Buckets([.. Enumerable.Range(0, 450).Select(i => $"bucket-{i}")]));

        var collected = await _harness.CollectAsync("s3");

        collected.Items.OfType<ResourcesCollected>().ShouldAllBe(item => item.Resources.Count <= 200);
        collected.Buckets.Select(resource => resource.Id).Distinct().Count().ShouldBe(450);
        collected.Items.Last(item => item.Type == Bucket).ShouldBeOfType<TypeListed>();
    }

    [Fact]
    public async Task Cancelling_stops_the_collection()
    {
        using var stop = new CancellationTokenSource();
        _harness.Aws.Before = call => call.Operation == "GetBucketAcl" ? stop.CancelAsync() : Task.CompletedTask;

        await Should.ThrowAsync<OperationCanceledException>(() => _harness.CollectAsync("s3", cancel: stop.Token));
    }

    private void DeleteDuringDescribe()
    {
        _harness.Aws
            .On("s3:GetBucketVersioning", call => call.Text("Bucket") == "alpha" ? FakeAws.Error(AwsErrorKind.NotFound, "NoSuchBucket") : "{}")
            .On("s3:GetBucketAcl", call => call.Text("Bucket") == "alpha" ? FakeAws.Error(AwsErrorKind.NotFound, "NoSuchBucket") : "{}")
            .On("s3:ListBuckets", call => call.Text("Prefix") is null ? Buckets("alpha", "beta") : Buckets());
    }

    private static string Buckets(params string[] names)
    {
        var buckets = names.Select(name => $$"""{"Name": "{{name}}", "CreationDate": "2026-01-01T00:00:00Z", "BucketRegion": "eu-west-1"}""");
        return $$"""{"Buckets": [{{string.Join(',', buckets)}}]}""";
    }
}
