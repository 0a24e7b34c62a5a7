using Qrie.Domain.Compliance;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Findings;

/// <summary>Scans by critical and high policies only: S3BucketPublic (60), not S3BucketVersioningDisabled (30).</summary>
public sealed class QuickReconciliationTests : FindingsReconcilerTest
{
    private const string BothFail = """{"S3BucketPublic":"fail","S3BucketVersioningDisabled":"fail"}""";
    private const string BothPass = """{"S3BucketPublic":"pass","S3BucketVersioningDisabled":"pass"}""";

    [Fact]
    public async Task Only_high_policies_are_evaluated_and_the_verdicts_of_the_others_stay_until_a_full_scan()
    {
        await _stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), default);
        await StoredAsync(Some.Bucket("a", 1, BothFail));
        await ScanAsync();
        await StoredAsync(Some.Bucket("a", 2, BothPass));

        await QuickAsync();
        (await FindingAsync())!.State.ShouldBe(FindingState.Resolved);
        (await FindingAsync("a", Some.Unversioned))!.State.ShouldBe(FindingState.Active);
        (await VerdictsAsync()).ShouldBe([(Some.Public, Verdict.Pass), (Some.Unversioned, Verdict.Fail)], ignoreOrder: true);
        await TotalsShouldBeAsync(PairCounts.None with { Passed = 1 }, PairCounts.None with { Failed = 1 });

        (await QuickAsync())[ScanCounters.ResourcesEvaluated].ShouldBe(0); // nothing changed since
        await ScanAsync();
        (await FindingAsync("a", Some.Unversioned))!.State.ShouldBe(FindingState.Resolved);
        await TotalsShouldBeAsync(PairCounts.None with { Passed = 1 }, PairCounts.None with { Passed = 1 });
        (await QuickAsync())[ScanCounters.ResourcesEvaluated].ShouldBe(0); // evaluated by all
    }

    [Fact]
    public async Task A_new_resource_has_no_verdict_of_the_others_before_a_full_scan()
    {
        await _stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), default);
        await StoredAsync(Some.Bucket("a", 1, BothFail));

        await QuickAsync();
        (await VerdictsAsync()).ShouldBe([(Some.Public, Verdict.Fail)]);
        (await FindingAsync("a", Some.Unversioned)).ShouldBeNull();

        await ScanAsync();
        (await VerdictsAsync()).Count.ShouldBe(2);
        (await FindingAsync("a", Some.Unversioned))!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task A_verdict_of_a_policy_that_was_changed_since_does_not_stay()
    {
        await _stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), default);
        await StoredAsync(Some.Bucket("a", 1, BothFail));
        await ScanAsync();
        await RelaunchAsync(Some.Policy(Some.Unversioned));
        await StoredAsync(Some.Bucket("a", 2, BothPass));

        await QuickAsync();
        (await VerdictsAsync()).ShouldBe([(Some.Public, Verdict.Pass)]);
    }

    [Fact]
    public async Task The_severity_that_a_user_set_counts()
    {
        await _stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned) with { Severity = 90 }, default);
        await StoredAsync(Some.Bucket("a", 1, BothFail));

        await QuickAsync();
        (await VerdictsAsync()).Count.ShouldBe(2);
    }

    private async Task<ScanCounters> QuickAsync()
    {
        var counters = new ScanCounters();
        await _reconciler.ReconcileAsync(_account, "s3", "scan-2", counters, default, leastSeverity: 50);
        return counters;
    }

    private async Task<List<(string PolicyId, Verdict Verdict)>> VerdictsAsync() =>
        [.. (await EvaluationAsync())!.Verdicts.Select(v => (v.PolicyId, v.Verdict))];

    private async Task TotalsShouldBeAsync(PairCounts open, PairCounts unversioned)
    {
        var totals = await _stores.Compliance.ReadTotalsAsync(Some.Org, AccountSelection.All, default);
        totals.Policies[Some.Public].ShouldBe(open);
        totals.Policies[Some.Unversioned].ShouldBe(unversioned);
    }
}
