namespace Qrie.Tests.Api.OldDefects;

/// <summary>8: ARNs of buckets contain no account, so their findings were stored under <c>_s3</c>, no account filter found them and no scope matched.</summary>
public sealed class Defect08_ArnsWithoutAnAccountTests : OldDefectTest
{
    [Fact]
    public async Task Findings_of_buckets_belong_to_the_account_of_the_bucket()
    {
        await Qrie.PostAsync("/accounts", new { account_id = "210987654321" });
        Aws.With(Bad, "a", "b");
        await InventoryAsync();
        await Qrie.LaunchAsync(Versioning);

        (await FindingsAsync($"?account={Account}")).Select(f => (Text(f, "arn"), Text(f, "account_service"))).ShouldBe(
            [("arn:aws:s3:::a", $"{Account}_s3"), ("arn:aws:s3:::b", $"{Account}_s3")]);
        (await Qrie.AllAsync("/resources?account=210987654321", "resources")).Count.ShouldBe(2);

        await ChangeAsync(new { scope = new { include_accounts = new[] { Account } } });
        (await FindingsAsync("?state=ACTIVE")).Select(f => Text(f, "account_service")).Distinct().ShouldBe([$"{Account}_s3"]);
    }
}
