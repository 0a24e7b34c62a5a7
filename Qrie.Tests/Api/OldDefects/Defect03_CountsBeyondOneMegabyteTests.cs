using System.Text.Json;

namespace Qrie.Tests.Api.OldDefects;

/// <summary>3: counts, the policy list and the purge saw the first megabyte only: of 8,000 findings 5,714 stayed ACTIVE though their policy was gone.</summary>
public sealed class Defect03_CountsBeyondOneMegabyteTests : OldDefectTest
{
    private const int Many = 10_000;

    [Fact]
    public async Task All_of_ten_thousand_findings_are_counted_and_purged()
    {
        Aws.With(Bad, Names(Many));
        var (_, inventory) = await Qrie.PostAsync("/scans", new { kind = "inventory", service = "s3" });
        (await FinishedAsync(inventory)).GetProperty("counters").GetProperty("resources_found").GetInt32().ShouldBe(Many);
        var (_, launched) = await Qrie.PostAsync("/policies/launch", new { policy_id = Versioning });
        await FinishedAsync(launched);

        (await PolicyAsync()).GetProperty("open_findings").GetInt32().ShouldBe(Many);
        (await FindingsAsync("?state=ACTIVE")).Select(f => Text(f, "arn")).Distinct().Count().ShouldBe(Many);
        (await Qrie.AllAsync("/resources", "resources")).Count.ShouldBe(Many);

        (await Qrie.GetAsync("/summary/findings")).Body.GetProperty("open_findings").GetInt32().ShouldBe(Many);
        var summary = (await Qrie.GetAsync("/summary/resources")).Body;
        (summary.GetProperty("total_resources").GetInt32(),
            summary.GetProperty("resource_types").EnumerateArray().Single(t => Text(t, "resource_type") == "s3").GetProperty("non_compliant").GetInt32())
            .ShouldBe((Many, Many));

        (await Qrie.DeleteAsync($"/policies/{Versioning}")).Body.GetProperty("findings_deleted").GetInt32().ShouldBe(Many);
        (await FindingsAsync("?state=ACTIVE")).ShouldBeEmpty();
        (await FindingsAsync("?state=RESOLVED")).Count.ShouldBe(Many);
    }

    /// <summary>Takes seconds; on a busy machine up to a minute.</summary>
    private Task<JsonElement> FinishedAsync(JsonElement started) => Qrie.FinishedAsync(started.GetProperty("scan_id").GetString()!, TimeSpan.FromMinutes(5));
}
