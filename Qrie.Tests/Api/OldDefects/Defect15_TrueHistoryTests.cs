using System.Text.Json;

namespace Qrie.Tests.Api.OldDefects;

/// <summary>15: weekly counts of open findings were wrong: findings that were resolved later were missing from past weeks.</summary>
public sealed class Defect15_TrueHistoryTests : OldDefectTest
{
    [Fact]
    public async Task A_finding_open_at_the_end_of_a_week_stays_counted_there_if_it_is_resolved_later()
    {
        Aws.With(Bad, "a", "b", "c");
        await InventoryAsync();
        await Qrie.LaunchAsync(Versioning);
        var opened = await WeeksAsync();
        Aws.With(Good, "a", "b");
        Clock.Offset = TimeSpan.FromDays(14);
        await InventoryAsync();
        await PolicyScanAsync();

        var later = await WeeksAsync();

        opened[^1].ShouldBe((3, 3, 0));
        later[^3].ShouldBe((3, 3, 0), "the week in which they were opened");
        later[^2].ShouldBe((3, 0, 0));
        later[^1].ShouldBe((1, 0, 2));
    }

    /// <summary>Open at the end, new and closed, of each week.</summary>
    private async Task<List<(int Open, int New, int Closed)>> WeeksAsync() =>
        [.. (await Qrie.GetAsync("/summary/dashboard")).Body.GetProperty("findings_weekly").EnumerateArray().Select(w => (
            Number(w, "open_findings"), Number(w, "new_findings"), Number(w, "closed_findings")))];

    private static int Number(JsonElement week, string name) => week.GetProperty(name).GetInt32();
}
