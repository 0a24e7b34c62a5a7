using Qrie.Aws.Api;
using Qrie.Domain.Inventory;

namespace Qrie.Tests.Inventory;

/// <summary>Rows of one call for many resources: <c>match</c> and <c>batch</c>.</summary>
public sealed class StepGrammarMatchTests : StepGrammarTest
{
    [Fact]
    public async Task Match_is_called_once_and_each_resource_gets_its_rows()
    {
        var harness = Harness("Volumes: { call: 'demo:ListVolumes', select: Volumes, match: [Name, 'Attached[].To'] }");
        harness.Aws.On("demo:ListThings", Things("a", "b", "c"))
            .On("demo:ListVolumes", """{"Volumes": [{"Id": 1, "Attached": [{"To": "a"}, {"To": "b"}]}, {"Id": 2, "Attached": [{"To": "a"}]}]}""");

        var collected = await harness.CollectAsync("demo", Region);

        harness.Aws.CountOf("demo:ListVolumes").ShouldBe(1);
        collected["a"].Configuration.GetProperty("Volumes").GetArrayLength().ShouldBe(2);
        collected["b"].Attribute("Volumes").ShouldBe("""[{"Id":1,"Attached":[{"To":"a"},{"To":"b"}]}]""");
        collected["c"].Attribute("Volumes").ShouldBe("[]");
    }

    [Fact]
    public async Task Match_accepts_lists_on_either_side_and_a_star_merges_the_first_row()
    {
        var harness = Harness("'*': { call: 'demo:ListDetails', select: Details, match: ['[Name, Other]', Key] }");
        harness.Aws.On("demo:ListThings", """{"Things": [{"Name": "a", "Other": "x"}]}""")
            .On("demo:ListDetails", """{"Details": [{"Key": "x", "Size": 7}, {"Key": "y", "Size": 8}]}""");

        (await harness.CollectAsync("demo", Region))["a"].Attribute("Size").ShouldBe("7");
    }

    [Fact]
    public async Task A_match_that_fails_makes_the_attribute_of_every_resource_unknown()
    {
        var harness = Harness("Volumes: { call: 'demo:ListVolumes', select: Volumes, match: [Name, To] }");
        harness.Aws.On("demo:ListThings", Things("a", "b")).Fails("demo:ListVolumes", AwsErrorKind.Denied, "UnauthorizedOperation");

        var collected = await harness.CollectAsync("demo", Region);

        collected.Resources.ShouldAllBe(resource => resource.Unknown["Volumes"] == "UnauthorizedOperation");
        collected.End(Thing).Outcome.ShouldBe(ListOutcome.Complete);
    }

    [Fact]
    public async Task Batch_with_match_reads_several_resources_at_once()
    {
        var harness = Harness(
            "_Tags: { batch: 20, call: 'demo:DescribeTags', with: { Names: '[].Name' }, select: Tags, match: [Name, Of] }", "tags: '_Tags[0].Tags'");
        harness.Aws.On("demo:ListThings", Things([.. Enumerable.Range(0, 45).Select(i => $"t{i}")]))
            .On(
                "demo:DescribeTags",
                call => $$"""{"Tags": [{"Of": "t44", "Tags": [{"Key": "n", "Value": "{{call.Parameters.GetProperty("Names").GetArrayLength()}}"}]}]}""");

        var collected = await harness.CollectAsync("demo", Region);

        harness.Aws.CountOf("demo:DescribeTags").ShouldBe(3);
        collected["t44"].Tags.ShouldBe(new Dictionary<string, string> { ["n"] = "5" });
        collected["t0"].Tags.ShouldNotBeNull().ShouldBeEmpty();
        collected["t44"].Attribute("_Tags").ShouldBeNull();
    }

    [Fact]
    public async Task A_batch_with_an_invalid_row_is_repeated_one_by_one()
    {
        var harness = Harness("Info: { batch: 10, call: 'demo:DescribeInfo', with: { Names: '[].Name' }, select: Infos, match: [Name, Name] }");
        harness.Aws.On("demo:ListThings", Things("a", "bad", "c")).On("demo:DescribeInfo", call => call.Text("Names")!.Contains("bad", StringComparison.Ordinal)
            ? FakeAws.Error(AwsErrorKind.Denied, "AccessDenied")
            : $$"""{"Infos": [{"Name": {{call.Parameters.GetProperty("Names")[0].GetRawText()}}}]}""");

        var collected = await harness.CollectAsync("demo", Region);

        harness.Aws.CountOf("demo:DescribeInfo").ShouldBe(4);
        collected["a"].Attribute("Info").ShouldBe("""[{"Name":"a"}]""");
        collected["bad"].Unknown["Info"].ShouldBe("AccessDenied");
        collected["c"].Unknown.ShouldBeEmpty();
    }
}
