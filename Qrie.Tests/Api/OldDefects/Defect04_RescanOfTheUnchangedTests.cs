namespace Qrie.Tests.Api.OldDefects;

/// <summary>4: evaluating an unchanged configuration again changed nothing: no new severity, no reopening, and last_evaluated stood still.</summary>
public sealed class Defect04_RescanOfTheUnchangedTests : OldDefectTest
{
    [Fact]
    public async Task A_new_severity_reaches_findings_of_unchanged_resources()
    {
        await PreparedAsync();
        await ChangeAsync(new { severity = 95 });

        (await FindingsAsync("?state=ACTIVE")).Select(f => f.GetProperty("severity").GetInt32()).ShouldBe([95, 95]);
    }

    [Fact]
    public async Task Delete_then_launch_leaves_every_finding_active_with_its_first_seen_time()
    {
        var before = (await PreparedAsync()).Select(f => (Text(f, "arn"), Text(f, "first_seen"))).ToList();
        await Qrie.DeleteAsync($"/policies/{Versioning}");
        Clock.Offset = TimeSpan.FromHours(2);
        await Qrie.LaunchAsync(Versioning);

        var after = await FindingsAsync("?state=ACTIVE");
        after.Select(f => (Text(f, "arn"), Text(f, "first_seen"))).ShouldBe(before);
        after.ShouldAllBe(f => Text(f, "resolved_reason") == "" && Text(f, "resolved_at") == "");
        (await FindingsAsync("?state=RESOLVED")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Last_evaluated_of_an_active_finding_moves_with_every_scan()
    {
        var before = (await PreparedAsync())[0].GetProperty("last_evaluated").GetDateTimeOffset();
        Clock.Offset = TimeSpan.FromHours(3);
        var scan = await PolicyScanAsync();

        var moved = (await FindingsAsync("?state=ACTIVE"))[0].GetProperty("last_evaluated").GetDateTimeOffset() - before;
        moved.ShouldBeGreaterThan(TimeSpan.FromHours(2.9));
        scan.GetProperty("counters").TryGetProperty("findings_created", out _).ShouldBeFalse(); // no finding was opened
    }

    private async Task<List<System.Text.Json.JsonElement>> PreparedAsync()
    {
        Aws.With(Bad, "a", "b");
        await InventoryAsync();
        await Qrie.LaunchAsync(Versioning);
        return await FindingsAsync("?state=ACTIVE");
    }
}
