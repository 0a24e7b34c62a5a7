using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Preview;
using Qrie.Domain.Inventory;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>The resources that a policy applies to, with its findings, range by range.</summary>
public abstract class PolicyTargetContract : StoreContract
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Policies.LaunchAsync(Some.Policy(), None);
        await Stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), None);
    }

    [Fact]
    public async Task Ranges_cover_every_alive_resource_of_the_type_once_by_list_and_arn()
    {
        foreach (var (name, list) in new[] { ("c", "eu-west-1"), ("a", "us-east-1"), ("d", "eu-west-1"), ("b", "us-east-1"), ("e", "eu-west-1") })
        {
            await WriteAsync(Some.Bucket(name) with { ListedIn = list });
        }

        await WriteAsync(Some.Bucket("point") with { Type = "AWS::S3::AccessPoint" }, Some.Bucket("gone"), Some.Bucket("other", account: Some.OtherAccountId));
        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("gone", 5)], Some.Noon, None);

        var ranges = await RangesAsync(limit: 2);

        ranges.Select(r => string.Join(' ', r.Arns.Select(a => a[^1]))).ShouldBe(["c d", "e a", "b"]);
        (await ReadAsync(ranges[1])).Select(s => s.Resource.Id).ShouldBe(["a", "e"]);
        (await Stores.Subjects.NextRangeAsync("other", Some.S3, Some.BucketType, null, 500, None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_resource_has_its_configuration_tags_and_only_the_policys_finding()
    {
        var tags = new Dictionary<string, string> { ["Env"] = "prod" };
        await WriteAsync(Some.Bucket("a", configuration: """{"Name":"ä"}""") with { Tags = tags }, Some.Bucket("b") with { Tags = null });
        await Stores.Findings.ApplyAsync(
            Some.Org,
            [
                Some.Evaluated(
                    Some.Bucket("a", configuration: """{"Name":"ä"}"""), Some.Fails(severity: 77, evidence: """{"x":1}"""), Some.Fails(Some.Unversioned)),
                Some.Evaluated(Some.Bucket("b"), Some.Passes(), Some.Fails(Some.Unversioned)),
            ],
            null, None);

        var subjects = await ReadAsync((await RangesAsync(limit: 500)).Single());

        var (a, b) = (subjects[0], subjects[1]);
        (a.Resource.Configuration!.Value.GetRawText(), a.Resource.Tags!["Env"]).ShouldBe(("""{"Name":"ä"}""", "prod"));
        (a.Finding!.PolicyId, a.Finding.Severity, a.Finding.State, a.Finding.Evidence.GetRawText())
            .ShouldBe((Some.Public, 77, FindingState.Active, """{"x":1}"""));
        (b.Resource.Tags, b.Finding).ShouldBe((null, null));
    }

    [Fact]
    public async Task Large_configurations_result_in_small_ranges_and_deleted_resources_are_omitted()
    {
        var large = $$"""{"Text":"{{new string('x', 5_000_000)}}"}""";
        await WriteAsync(Some.Bucket("a", configuration: large), Some.Bucket("b", configuration: large), Some.Bucket("c"));

        var ranges = await RangesAsync(limit: 500);
        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("b", 5)], Some.Noon, None);

        ranges.Select(r => r.Arns.Count).ShouldBe([1, 2]);
        (await ReadAsync(ranges[1])).ShouldHaveSingleItem().Resource.Id.ShouldBe("c");
    }

    private async Task WriteAsync(params CollectedResource[] resources) => await Stores.Resources.WriteAsync(Some.Org, resources, Some.Noon, None);

    private Task<IReadOnlyList<PolicyTarget>> ReadAsync(TargetRange range) => Stores.Subjects.ReadAsync(Some.Org, Some.Public, range, None);

    private async Task<List<TargetRange>> RangesAsync(int limit)
    {
        var ranges = new List<TargetRange>();
        while (await Stores.Subjects.NextRangeAsync(Some.Org, Some.S3, Some.BucketType, ranges.LastOrDefault(), limit, None) is { } range)
        {
            ranges.Add(range);
        }

        return ranges;
    }
}
