using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Inventory.Emulated;

public class EmulatedBucketTests
{
    private const string Bucket = "AWS::S3::Bucket";

    [EmulatorFact]
    public async Task Good_bad_and_unusual_buckets_are_read_correctly()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        var (good, bare, odd) = (aws.Estate.Unique("good"), aws.Estate.Unique("bare"), aws.Estate.Unique("odd.with.dots"));
        await GoodBucketAsync(aws.Estate, good);
        await aws.Estate.DoAsync("s3", "CreateBucket", new { Bucket = bare });
        await aws.Estate.DoAsync(
            "s3", "CreateBucket", new { Bucket = odd, CreateBucketConfiguration = new { LocationConstraint = "eu-central-1" } }, "eu-central-1");
        await aws.Estate.DoAsync("s3", "PutBucketVersioning", new { Bucket = odd, VersioningConfiguration = new { Status = "Suspended" } });
        await aws.Estate.DoAsync("s3", "PutBucketTagging", new { Bucket = odd, Tagging = new { TagSet = new[] { new { Key = "Größe/面", Value = "∞ 🪣" } } } });

        var collected = await aws.CollectAsync("s3");

        collected.End(Bucket).Outcome.ShouldBe(ListOutcome.Complete);
        collected.Buckets.Select(resource => resource.Id).ShouldBe([good, bare, odd], ignoreOrder: true);
        collected.Buckets.ShouldAllBe(resource => resource.Unknown.Count == 0 && resource.AccountId == aws.Estate.AccountId);
        collected[good].Attribute("Versioning").ShouldBe("""{"Status":"Enabled"}""");
        collected[good].Configuration.GetProperty("PublicAccessBlock").GetProperty("RestrictPublicBuckets").GetBoolean().ShouldBeTrue();
        collected[good].Configuration.GetProperty("Encryption").GetProperty("Rules").GetArrayLength().ShouldBe(1);
        collected[bare].Attribute("Versioning").ShouldBe("{}");
        collected[bare].Attribute("PublicAccessBlock").ShouldBeNull();
        collected[bare].Region.ShouldBe("us-east-1");
        collected[odd].Region.ShouldBe("eu-central-1");
        collected[odd].Arn.ShouldBe($"arn:aws:s3:::{odd}");
        collected[odd].Tags.ShouldBe(new Dictionary<string, string> { ["Größe/面"] = "∞ 🪣" });
        aws.Proxy.RequestsFor("GetBucketAcl").ShouldContain(request => request.Region == "eu-central-1");
    }

    [EmulatorFact]
    public async Task Buckets_have_the_expected_verdicts()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        var (good, bare) = (aws.Estate.Unique("good"), aws.Estate.Unique("bare"));
        await GoodBucketAsync(aws.Estate, good);
        await aws.Estate.DoAsync("s3", "CreateBucket", new { Bucket = bare });

        var collected = await aws.CollectAsync("s3");

        Evaluate(collected[good])
            .ShouldBe("S3BucketEncryptionDisabled pass, S3BucketMfaDeleteDisabled fail, S3BucketPublic pass, S3BucketVersioningDisabled pass");
        Evaluate(collected[bare], ignore: "S3BucketEncryptionDisabled")
            .ShouldBe("S3BucketMfaDeleteDisabled pass, S3BucketPublic fail, S3BucketVersioningDisabled fail");
    }

    [EmulatorFact]
    public async Task The_public_access_block_of_the_account_applies_to_every_bucket()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        var bare = aws.Estate.Unique("bare");
        await aws.Estate.DoAsync("s3", "CreateBucket", new { Bucket = bare });
        await aws.Estate.DoAsync("s3control", "PutPublicAccessBlock", new
        {
            aws.Estate.AccountId,
            PublicAccessBlockConfiguration = new { BlockPublicAcls = true, IgnorePublicAcls = true, BlockPublicPolicy = true, RestrictPublicBuckets = true },
        });

        Evaluate((await aws.CollectAsync("s3"))[bare]).ShouldContain("S3BucketPublic pass");
        aws.Proxy.Requests.Count(request => request is { Service: "s3control", Operation: "GetPublicAccessBlock" }).ShouldBe(1);
    }

    [EmulatorFact]
    public async Task A_denied_read_is_unknown_with_its_code()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        var (shut, open) = (aws.Estate.Unique("shut"), aws.Estate.Unique("open"));
        await aws.Estate.DoAsync("s3", "CreateBucket", new { Bucket = shut });
        await aws.Estate.DoAsync("s3", "CreateBucket", new { Bucket = open });
        aws.Proxy.On("s3:GetBucketVersioning").About(shut).AccessDenied();

        var collected = await aws.CollectAsync("s3");

        collected[shut].Unknown.ShouldBe(new Dictionary<string, string> { ["Versioning"] = "AccessDenied" });
        Evaluate(collected[shut]).ShouldContain("S3BucketVersioningDisabled unknown");
        collected[open].Unknown.ShouldBeEmpty();
        collected.End(Bucket).Outcome.ShouldBe(ListOutcome.Complete);
    }

    [EmulatorFact]
    public async Task A_denied_list_has_the_outcome_denied()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        aws.Proxy.On("s3:ListBuckets").AccessDenied();

        var end = (await aws.CollectAsync("s3")).End(Bucket);

        (end.Outcome, end.ErrorCode).ShouldBe((ListOutcome.Denied, "AccessDenied"));
    }

    [EmulatorFact]
    public async Task Persistent_throttling_makes_affected_attributes_unknown()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        var bucket = aws.Estate.Unique("slow");
        await aws.Estate.DoAsync("s3", "CreateBucket", new { Bucket = bucket });
        aws.Proxy.On("s3:GetBucketLogging").Throttle();

        var collected = await aws.CollectAsync("s3");

        collected[bucket].Unknown.Keys.ShouldBe(["Logging"]);
        collected.End(Bucket).Outcome.ShouldBe(ListOutcome.Complete);
    }

    [EmulatorFact]
    public async Task A_bucket_deleted_between_list_and_describe_is_deleted()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        var (doomed, stays) = (aws.Estate.Unique("doomed"), aws.Estate.Unique("stays"));
        await aws.Estate.DoAsync("s3", "CreateBucket", new { Bucket = doomed });
        await aws.Estate.DoAsync("s3", "CreateBucket", new { Bucket = stays });
        aws.Proxy.On("s3:GetBucketAcl").About(doomed).Times(1).Before(_ => aws.Estate.DoAsync("s3", "DeleteBucket", new { Bucket = doomed }));

        var collected = await aws.CollectAsync("s3");

        collected.Gone.ShouldHaveSingleItem().Id.ShouldBe(doomed);
        collected.Buckets.ShouldHaveSingleItem().Id.ShouldBe(stays);
        collected.End(Bucket).Outcome.ShouldBe(ListOutcome.Complete);
    }

    [EmulatorFact]
    public async Task A_scan_and_a_single_read_have_the_same_result()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        var (good, other) = (aws.Estate.Unique("good"), aws.Estate.Unique("good") + "-too");
        await GoodBucketAsync(aws.Estate, good);
        await aws.Estate.DoAsync("s3", "CreateBucket", new { Bucket = other });

        var scanned = (await aws.CollectAsync("s3"))[good];
        var one = (await aws.CollectOneAsync("s3", Bucket, good)).ShouldBeOfType<SingleCollectionResult.Found>().Resource;

        CanonicalJson.Write(one.Configuration).ShouldBe(CanonicalJson.Write(scanned.Configuration));
        (one.Hash, one.Arn, one.Region).ShouldBe((scanned.Hash, scanned.Arn, scanned.Region));
        (await aws.CollectOneAsync("s3", Bucket, aws.Estate.Unique("never"))).ShouldBeOfType<SingleCollectionResult.Gone>();
    }

    private static async Task GoodBucketAsync(Estate estate, string name)
    {
        await estate.DoAsync("s3", "CreateBucket", new { Bucket = name });
        await estate.DoAsync("s3", "PutBucketVersioning", new { Bucket = name, VersioningConfiguration = new { Status = "Enabled" } });
        await estate.DoAsync("s3", "PutBucketEncryption", new
        {
            Bucket = name,
            ServerSideEncryptionConfiguration = new { Rules = new[] { new { ApplyServerSideEncryptionByDefault = new { SSEAlgorithm = "AES256" } } } },
        });
        await estate.DoAsync("s3", "PutPublicAccessBlock", new
        {
            Bucket = name,
            PublicAccessBlockConfiguration = new { BlockPublicAcls = true, IgnorePublicAcls = true, BlockPublicPolicy = true, RestrictPublicBuckets = true },
        });
    }

    private static string Evaluate(CollectedResource resource, string? ignore = null)
    {
        string[] bucketPolicies = ["S3BucketEncryptionDisabled", "S3BucketMfaDeleteDisabled", "S3BucketPublic", "S3BucketVersioningDisabled"];
        return string.Join(", ", bucketPolicies.Where(id => id != ignore).Select(id => $"{id} {Verdicts.Of(resource, id)}"));
    }
}
