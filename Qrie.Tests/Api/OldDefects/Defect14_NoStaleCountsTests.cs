namespace Qrie.Tests.Api.OldDefects;

/// <summary>14: counts came from a cache and were wrong for up to an hour after a launch, a deletion or a scan.</summary>
public sealed class Defect14_NoStaleCountsTests : OldDefectTest
{
    [Fact]
    public async Task Counts_of_open_findings_are_correct_immediately_after_every_change()
    {
        Aws.With(Bad, "a", "b", "c");
        await InventoryAsync();
        (await OpenAsync()).ShouldBe((0, 0, 0));
        await Qrie.LaunchAsync(Versioning);
        (await OpenAsync()).ShouldBe((3, 3, 3));
        Aws.With(Good, "c");
        Clock.Offset = TimeSpan.FromMinutes(1);
        await InventoryAsync();
        await PolicyScanAsync();
        (await OpenAsync()).ShouldBe((2, 2, 2));
        await ChangeAsync(new { status = "suspended" });
        (await OpenAsync()).ShouldBe((0, 0, 0));
        await ChangeAsync(new { status = "active" });
        (await OpenAsync()).ShouldBe((2, 2, 2));
        await Qrie.DeleteAsync($"/policies/{Versioning}");
        (await OpenAsync()).ShouldBe((0, 0, 0));
    }

    /// <summary>The stored count, the number of rows, and the number on the dashboard.</summary>
    private async Task<(int Counted, int Listed, int Shown)> OpenAsync() => (
        (await PolicyAsync()).GetProperty("open_findings").GetInt32(), (await FindingsAsync("?state=ACTIVE")).Count,
        (await Qrie.GetAsync("/summary/dashboard")).Body.GetProperty("total_open_findings").GetInt32());
}
