using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Findings;

/// <summary>Reevaluation of resources.</summary>
public sealed class FindingsReconcilerAgainTests : FindingsReconcilerTest
{
    [Fact]
    public async Task A_changed_severity_reaches_the_finding_of_an_unchanged_resource()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        await ScanAsync();

        await RelaunchAsync(Some.Policy() with { Severity = 95 });
        await ScanAsync();

        var finding = (await FindingAsync())!;
        (finding.Severity, finding.FirstSeen, finding.Transitions.Count).ShouldBe((95, Some.At(1000), 1));
    }

    [Fact]
    public async Task A_severity_changed_in_the_catalog_reaches_the_finding()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        await ScanAsync();

        _catalog.Policies = [MinimalCatalog.Policy(severity: 20)];
        await ScanAsync();

        (await FindingAsync())!.Severity.ShouldBe(20);
    }

    [Fact]
    public async Task Unchanged_resources_are_not_reevaluated_but_count_as_processed()
    {
        await StoredAsync(Some.Bucket("a", configuration: Fail), Some.Bucket("b"));
        await ScanAsync();
        _evaluator.Asked.Clear();
        await StoredAsync(Some.Bucket("a", at: 10, configuration: Fail)); // described again without a change

        var result = await ScanAsync();

        _evaluator.Asked.ShouldBeEmpty();
        (result.Counters[ScanCounters.ProcessedResources], result.Counters[ScanCounters.ResourcesEvaluated]).ShouldBe((2, 0));
    }

    [Fact]
    public async Task Only_changed_resources_are_reevaluated()
    {
        await StoredAsync(Some.Bucket("a", configuration: Pass), Some.Bucket("b", configuration: Pass));
        await ScanAsync();
        _evaluator.Asked.Clear();
        await StoredAsync(Some.Bucket("b", at: 10, configuration: Fail));

        await ScanAsync();

        _evaluator.Asked.Select(a => a.Input.Arn).ShouldBe([Some.ArnOf("b")]);
        (await FindingAsync("b"))!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task A_newly_launched_policy_evaluates_unchanged_resources()
    {
        await StoredAsync(Some.Bucket(configuration: """{"S3BucketVersioningDisabled":"fail"}"""));
        await ScanAsync();

        await _stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), default);
        await ScanAsync();

        (await FindingAsync(policyId: Some.Unversioned))!.Severity.ShouldBe(30);
        (await EvaluationAsync())!.Verdicts.Select(v => (v.PolicyId, v.Verdict)).ShouldBe(
            [(Some.Public, Verdict.Pass), (Some.Unversioned, Verdict.Fail)], ignoreOrder: true);
    }

    [Theory]
    [InlineData(19.9, 0)]
    [InlineData(20, 1)]
    public async Task A_time_dependent_policy_is_reevaluated_when_due(double hours, int asked)
    {
        _catalog.Policies = [MinimalCatalog.Policy(timeDependent: true)];
        await StoredAsync(Some.Bucket());
        await ScanAsync();
        _evaluator.Asked.Clear();
        _clock.Advance(TimeSpan.FromHours(hours));

        await ScanAsync();

        _evaluator.Asked.Count.ShouldBe(asked);
    }

    [Fact]
    public async Task A_scan_updates_the_last_evaluation_of_active_findings_without_a_change()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        await ScanAsync();
        _clock.Advance(TimeSpan.FromHours(24));

        await ScanAsync();

        (await FindingAsync())!.LastEvaluated.ShouldBe(Some.At(1000).AddHours(24));
    }
}
