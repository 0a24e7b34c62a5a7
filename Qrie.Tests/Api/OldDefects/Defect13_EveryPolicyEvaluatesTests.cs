namespace Qrie.Tests.Api.OldDefects;

/// <summary>13: a bucket without a public access block crashed the only evaluator, and ten of eleven policies had none.</summary>
public sealed class Defect13_EveryPolicyEvaluatesTests : OldDefectTest
{
    [Theory]
    [InlineData("""{"Name":"x","PublicAccessBlock":null,"AccountPublicAccessBlock":null}""")]
    [InlineData("""{"Name":"x"}""")]
    public async Task Buckets_without_a_public_access_block_are_reported(string configuration)
    {
        Aws.With(configuration, "open");
        await InventoryAsync();
        await Qrie.LaunchAsync(Public);

        var finding = (await FindingsAsync("?state=ACTIVE")).ShouldHaveSingleItem();
        (finding.GetProperty("severity").GetInt32(), finding.GetProperty("evidence").GetProperty("block_public_acls").GetBoolean()).ShouldBe((90, false));
    }

    [Fact]
    public async Task All_eleven_policies_exist_and_have_verdicts()
    {
        Aws.With("""{"Name":"x","Versioning":{"Status":"Enabled"}}""", "a");
        await InventoryAsync();
        var (_, launched) = await Qrie.PostAsync("/policies/launch", new
        {
            policy_ids = new[]
            {
                Public, Versioning, "S3BucketEncryptionDisabled", "S3BucketMfaDeleteDisabled",
                "IAMRootAccountActive", "IAMUserMfaDisabled", "IAMPolicyOverlyPermissive",
                "IAMAccessKeyUnused", "IAMAccessKeyNotRotated", "EC2UnencryptedEBS", "RDSPublicAccess",
            },
        });
        var scan = await Qrie.FinishedAsync(launched.GetProperty("scan_id").GetString()!);

        launched.GetProperty("launched").GetArrayLength().ShouldBe(11);
        scan.GetProperty("counters").TryGetProperty("skipped_resources", out _).ShouldBeFalse();
        (await FindingsAsync("?state=ACTIVE")).Select(f => Text(f, "policy")).Order()
            .ShouldBe(["S3BucketEncryptionDisabled", "S3BucketMfaDeleteDisabled", Public]);
        foreach (var policy in launched.GetProperty("launched").EnumerateArray())
        {
            // None of them fails to evaluate an empty resource of its type.
            var preview = (await Qrie.PostTextAsync($"/policies/{policy}/preview", "")).Body;
            preview.GetProperty("unknown_reasons").ToString().ShouldNotContain("EVALUATION_ERROR");
        }
    }
}
