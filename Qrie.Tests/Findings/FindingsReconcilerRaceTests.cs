using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Findings;

/// <summary>Concurrent writes during an evaluation: no verdict is based on outdated data.</summary>
public sealed class FindingsReconcilerRaceTests : FindingsReconcilerTest
{
    [Fact]
    public async Task A_resource_that_changes_during_its_evaluation_is_reevaluated()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        var moved = false;
        _evaluator.Meanwhile = _ =>
        {
            if (!moved)
            {
                moved = true;
                Beside(() => StoredAsync(Some.Bucket(at: 10, configuration: Pass)));
            }
        };

        var result = await ScanAsync();

        (await FindingAsync()).ShouldBeNull();
        (await EvaluationAsync())!.DescribeTime.ShouldBe(Some.At(10));
        (result.Counters[ScanCounters.ResourcesEvaluated], result.Counters[ScanCounters.SkippedResources]).ShouldBe((1, 0));
    }

    [Fact]
    public async Task A_resource_deleted_during_its_evaluation_has_no_verdict()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        _evaluator.Meanwhile = _ => Beside(() => _stores.Resources.DeleteAsync(Some.Org, [Some.Deletion(at: 10)], Some.At(10), default));

        await ScanAsync();

        (await FindingAsync()).ShouldBeNull();
        (await EvaluationAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_policy_suspended_during_an_evaluation_leaves_no_finding()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        _evaluator.Meanwhile = _ => Beside(() => _stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Some.Noon, default));

        await ScanAsync();

        (await FindingAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_policy_changed_during_an_evaluation_is_reevaluated()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        var changed = false;
        _evaluator.Meanwhile = _ =>
        {
            if (!changed)
            {
                changed = true;
                Beside(() => RelaunchAsync(Some.Policy() with { Severity = 99 }));
            }
        };

        await ScanAsync();

        (await FindingAsync())!.Severity.ShouldBe(99);
        (await EvaluationAsync())!.Verdicts.Single().Revision.ShouldBe(3);
    }

    [Fact]
    public async Task A_constantly_changing_resource_is_skipped_after_five_attempts()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        var at = 10;
        _evaluator.Meanwhile = _ => Beside(() => StoredAsync(Some.Bucket(at: at++, configuration: Fail)));

        var result = await ScanAsync();

        _evaluator.Asked.Count.ShouldBe(5);
        (result.Counters[ScanCounters.SkippedResources], result.Counters[ScanCounters.ResourcesEvaluated]).ShouldBe((1, 0));
        (await FindingAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Skipped_resources_are_evaluated_by_the_next_scan()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        var at = 10;
        _evaluator.Meanwhile = _ => Beside(() => StoredAsync(Some.Bucket(at: at++, configuration: Fail)));
        await ScanAsync();
        _evaluator.Meanwhile = _ => { };

        await ScanAsync();

        (await FindingAsync())!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task A_delayed_evaluation_of_an_event_uses_the_stored_resource()
    {
        await StoredAsync(Some.Bucket(at: 5, configuration: Fail));
        var seen = (await _stores.Resources.FindAsync(Some.Org, Some.S3, Some.ArnOf("a"), default))!;
        await StoredAsync(Some.Bucket(at: 6, configuration: Pass));
        await ScanAsync();

        await _reconciler.EvaluateAsync(_account, "s3", [seen], null, new ScanCounters(), default);

        (await FindingAsync()).ShouldBeNull();
        (await EvaluationAsync())!.Verdicts.Single().Verdict.ShouldBe(Verdict.Pass);
    }

    /// <summary>A write by another writer during an evaluation, which is synchronous.</summary>
    private static void Beside(Func<Task> work) => Task.Run(work).GetAwaiter().GetResult();
}
