namespace Qrie.Tests.Api.OldDefects;

/// <summary>6: a scan of a registered account processed 0 resources and reported success, because two parts wrote the account's key differently.</summary>
public sealed class Defect06_RegisteredAccountsTests : OldDefectTest
{
    [Fact]
    public async Task A_registered_account_is_inventoried_and_evaluated()
    {
        await Qrie.PostAsync("/accounts", new { account_id = "210987654321", ou = "Production" });
        Aws.With(Bad, "a", "b");

        var inventory = await Qrie.ScanAsync(new { kind = "inventory", account_id = "210987654321" });
        await Qrie.LaunchAsync(Versioning);
        var evaluated = await Qrie.ScanAsync(new { kind = "policy", account_id = "210987654321" });

        inventory.GetProperty("result").GetProperty("total_resources").GetInt32().ShouldBe(2);
        evaluated.GetProperty("result").GetProperty("processed_resources").GetInt32().ShouldBe(2);
        (await FindingsAsync("?account=210987654321")).Count.ShouldBe(2);
        (await FindingsAsync($"?account={Account}")).ShouldBeEmpty(); // it was not requested
    }
}
