using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Findings;

/// <summary>Many resources, and large ones.</summary>
public sealed class FindingsReconcilerScaleTests : FindingsReconcilerTest
{
    [Fact]
    public async Task Many_resources_are_evaluated_once_each_in_chunks()
    {
        var buckets = Enumerable.Range(0, 1201)
            .Select(i => Some.Bucket(Some.Numbered("b", i), configuration: i % 3 == 0 ? Fail : Pass)).ToArray();
        await StoredAsync(buckets);

        var result = await ScanAsync();

        (result.Counters[ScanCounters.ProcessedResources], result.Counters[ScanCounters.ResourcesEvaluated], result.Counters[ScanCounters.FindingsCreated])
            .ShouldBe((1201, 1201, 401));
        _evaluator.Asked.Select(a => a.Input.Arn).ShouldBe(buckets.Select(b => b.Arn));
        (await _stores.Findings.CountActiveByPolicyAsync(Some.Org, default))[Some.Public].ShouldBe(401);
    }

    [Fact]
    public async Task The_few_resources_that_need_evaluation_are_found_among_many()
    {
        // More than one chunk of the store (5,000 rows): the resources to evaluate are the first, the last of the chunk, and the last of all.
        var buckets = Enumerable.Range(0, 5102).Select(i => Some.Bucket(Some.Numbered("b", i), configuration: Pass)).ToArray();
        await StoredAsync(buckets);
        await ScanAsync();
        _evaluator.Asked.Clear();
        await StoredAsync([.. new[] { 0, 4999, 5000, 5101 }.Select(i => Some.Bucket(Some.Numbered("b", i), at: 10, configuration: Fail))]);

        var result = await ScanAsync();

        _evaluator.Asked.Select(a => a.Input.Arn).ShouldBe(new[] { 0, 4999, 5000, 5101 }.Select(i => Some.ArnOf(Some.Numbered("b", i))));
        (result.Counters[ScanCounters.ProcessedResources], result.Counters[ScanCounters.FindingsCreated]).ShouldBe((5102, 4));
    }

    [Fact]
    public async Task Configurations_of_400_KB_are_evaluated()
    {
        var filler = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"ü{i:x4}{(i * 7919) % 65537:x5}"));
        var configuration = $$"""{"Policy":"{{filler}}","S3BucketPublic":"fail"}""";
        configuration.Length.ShouldBeGreaterThan(400_000);
        await StoredAsync([.. Enumerable.Range(0, 5).Select(i => Some.Bucket(Some.Numbered("b", i), configuration: configuration))]);

        await ScanAsync();

        _evaluator.Asked.Count.ShouldBe(5);
        _evaluator.Asked.ShouldAllBe(a => a.Input.Configuration.GetProperty("Policy").GetString() == filler);
        (await _stores.Findings.CountActiveByPolicyAsync(Some.Org, default))[Some.Public].ShouldBe(5);
    }
}
