namespace Qrie.Tests.Api.OldDefects;

/// <summary>17: every scan evaluated and wrote everything although nothing had changed, and a purge updated one row at a time (2.5 s for 2,286).</summary>
public sealed class Defect17_NothingForNothingTests : OldDefectTest
{
    [Fact]
    public async Task A_scan_of_unchanged_data_evaluates_nothing_and_a_scan_after_a_change_only_the_changed_resource()
    {
        Aws.With(Bad, Names(500));
        await InventoryAsync();
        await Qrie.LaunchAsync(Versioning);
        Clock.Offset = TimeSpan.FromMinutes(10);
        await InventoryAsync();
        var unchanged = await PolicyScanAsync();
        Aws.With(Good, Names(1));
        Clock.Offset = TimeSpan.FromMinutes(20);
        await InventoryAsync();
        var changed = await PolicyScanAsync();

        Evaluated(unchanged).ShouldBe(0);
        (Evaluated(changed), changed.GetProperty("counters").GetProperty("findings_closed").GetInt32()).ShouldBe((1, 1));
        changed.GetProperty("counters").GetProperty("processed_resources").GetInt32().ShouldBe(500);
    }

    [Fact]
    public async Task A_purge_of_many_findings_resolves_all_of_them_at_once()
    {
        Aws.With(Bad, Names(4000));
        await InventoryAsync();
        await Qrie.LaunchAsync(Versioning);

        (await Qrie.DeleteAsync($"/policies/{Versioning}")).Body.GetProperty("findings_deleted").GetInt32().ShouldBe(4000);
        (await FindingsAsync("?state=ACTIVE")).ShouldBeEmpty();
    }

    private static int Evaluated(System.Text.Json.JsonElement scan) =>
        scan.GetProperty("counters").TryGetProperty("resources_evaluated", out var evaluated) ? evaluated.GetInt32() : 0;
}
