using Qrie.Aws.Api;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Aws;

public sealed class FirstCallsTests
{
    [EmulatorFact]
    public async Task A_bucket_is_visible_in_its_own_account_only()
    {
        using var aws = await EmulatedAws.StartAsync();
        var (mine, other) = (Estate.Create(), Estate.Create());
        await mine.DoAsync("s3", "CreateBucket", new { Bucket = mine.Unique("here") });

        var seen = await aws.Api.CallAsync(mine.Call("s3", "ListBuckets"), default);
        var notSeen = await aws.Api.CallAsync(other.Call("s3", "ListBuckets"), default);

        seen.Error.ShouldBeNull();
        seen.Content.GetProperty("Buckets")[0].GetProperty("Name").GetString().ShouldBe(mine.Unique("here"));
        notSeen.Content.GetProperty("Buckets").GetArrayLength().ShouldBe(0);
    }

    [EmulatorFact]
    public async Task A_missing_bucket_policy_is_an_error_value_with_AWSs_code()
    {
        using var aws = await EmulatedAws.StartAsync();
        var estate = Estate.Create();
        await estate.DoAsync("s3", "CreateBucket", new { Bucket = estate.Unique("b") });

        var answer = await aws.Api.CallAsync(estate.Call("s3", "GetBucketPolicy", new { Bucket = estate.Unique("b") }), default);

        answer.Error.ShouldNotBeNull();
        answer.Error.Code.ShouldBe("NoSuchBucketPolicy");
        answer.Error.Kind.ShouldBe(AwsErrorKind.NotFound);
        answer.Error.HttpStatus.ShouldBe(404);
    }
}
