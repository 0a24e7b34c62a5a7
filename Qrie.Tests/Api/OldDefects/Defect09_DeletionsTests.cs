namespace Qrie.Tests.Api.OldDefects;

/// <summary>
/// 9: resources deleted in AWS stayed in the inventory, with their findings ACTIVE. (Deletions reported by events are tested with the events.)
/// </summary>
public sealed class Defect09_DeletionsTests : OldDefectTest
{
    [Fact]
    public async Task Deleted_resources_leave_the_inventory_and_their_findings_are_resolved()
    {
        Aws.With(Bad, "a", "b", "c");
        await InventoryAsync();
        await Qrie.LaunchAsync(Versioning);
        Aws.Without("b");
        Clock.Offset = TimeSpan.FromHours(1);
        await InventoryAsync();

        (await Qrie.AllAsync("/resources", "resources")).Select(r => Text(r, "arn")).ShouldBe(["arn:aws:s3:::a", "arn:aws:s3:::c"]);
        var resolved = (await FindingsAsync("?state=RESOLVED")).ShouldHaveSingleItem();
        (Text(resolved, "arn"), Text(resolved, "resolved_reason")).ShouldBe(("arn:aws:s3:::b", "RESOURCE_DELETED"));
        (await PolicyAsync()).GetProperty("open_findings").GetInt32().ShouldBe(2);
    }
}
