namespace Qrie.Tests.Api.OldDefects;

/// <summary>2: a type filter on resources was always a 500, and the severity filter never matched.</summary>
public sealed class Defect02_FiltersTests : OldDefectTest
{
    [Fact]
    public async Task Filters_by_type_and_severity_match_stored_values()
    {
        Aws.With(Bad, "a", "b", "c");
        await InventoryAsync();
        await Qrie.LaunchAsync(Versioning);

        (await Qrie.AllAsync("/resources?type=s3", "resources")).Count.ShouldBe(3);
        (await Qrie.AllAsync("/resources?type=ec2", "resources")).ShouldBeEmpty();
        foreach (var (query, expected) in new[] { ("60", 3), ("high", 3), ("61", 0), ("critical", 0), ("low", 0) })
        {
            (await FindingsAsync($"?severity={query}")).Count.ShouldBe(expected, query);
        }
    }
}
