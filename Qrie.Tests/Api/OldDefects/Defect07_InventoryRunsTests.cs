namespace Qrie.Tests.Api.OldDefects;

/// <summary>7: an inventory could not run in any account, its total was always 0, and it reported "completed" all the same.</summary>
public sealed class Defect07_InventoryRunsTests : OldDefectTest
{
    [Fact]
    public async Task The_total_equals_the_number_of_listed_resources()
    {
        await Qrie.PostAsync("/accounts", new { account_id = "210987654321" });
        Aws.With(Good, "a", "b", "c");

        var scan = await Qrie.ScanAsync(new { kind = "inventory" });

        (Text(scan, "status"), scan.GetProperty("result").GetProperty("total_resources").GetInt32()).ShouldBe(("completed", 6));
        (await Qrie.AllAsync("/resources", "resources")).Count.ShouldBe(6);
    }

    [Fact]
    public async Task An_inventory_that_fails_in_one_account_continues_in_the_others()
    {
        await Qrie.PostAsync("/accounts", new { account_id = "210987654321" });
        Aws.With(Good, "a");
        Aws.GatedAccount = "210987654321";
        Aws.Gate = _ => throw new InvalidOperationException("The module is missing.");

        var scan = await Qrie.ScanAsync(new { kind = "inventory" });

        (Text(scan, "status"), scan.GetProperty("result").GetProperty("total_resources").GetInt32()).ShouldBe(("completed_with_errors", 1));
        scan.GetProperty("errors").ToString().ShouldContain("The module is missing.");
    }
}
