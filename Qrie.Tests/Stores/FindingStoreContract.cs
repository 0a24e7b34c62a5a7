using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>The gate, and the effect of verdicts on findings. Lists and counts are in <see cref="FindingListContract"/>.</summary>
public abstract class FindingStoreContract : StoreContract
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Policies.LaunchAsync(Some.Policy(), None);
    }

    [Fact]
    public async Task A_fail_opens_a_finding_and_stores_the_evaluation()
    {
        var bucket = await StoredAsync(at: 5);

        var result = await ApplyAsync(
            Some.Evaluated(bucket, Some.Fails(severity: 95, evidence: """{"Grantee":"AllUsers ü"}""")) with { NextDue = Some.At(500) }, "scan-1");

        (result.Outcomes.Single(), result.Opened, result.Resolved).ShouldBe((ApplyOutcome.Applied, 1, 0));
        var finding = (await FindingAsync())!;
        (finding.State, finding.Severity, finding.Type, finding.Region, finding.ScanId)
            .ShouldBe((FindingState.Active, 95, Some.BucketType, "eu-west-1", "scan-1"));
        (finding.FirstSeen, finding.LastEvaluated, finding.DescribeTime, finding.ResolvedAt, finding.ResolvedReason)
            .ShouldBe((Some.At(6), Some.At(6), Some.At(5), null, null));
        finding.Evidence.GetProperty("Grantee").GetString().ShouldBe("AllUsers ü");
        finding.Transitions.ShouldBe([new FindingTransition(FindingState.Active, Some.At(6), null, "scan-1")]);
        var evaluation = (await EvaluationAsync())!;
        (evaluation.Hash, evaluation.DescribeTime, evaluation.Fingerprint, evaluation.EvaluatedAt, evaluation.NextDue)
            .ShouldBe((bucket.Hash, Some.At(5), Some.Fingerprint, Some.At(6), Some.At(500)));
        evaluation.Verdicts.ShouldBe([new StoredVerdict(Some.Public, 1, Verdict.Fail, null)]);
    }

    [Fact]
    public async Task A_pass_resolves_as_compliant()
    {
        await FailedAsync();

        var result = await ApplyAsync(Some.Evaluated(await StoredAsync(at: 10, """{"v":2}"""), Some.Passes()));

        result.Resolved.ShouldBe(1);
        var finding = (await FindingAsync())!;
        (finding.State, finding.ResolvedReason, finding.ResolvedAt, finding.LastEvaluated, finding.DescribeTime)
            .ShouldBe((FindingState.Resolved, ResolvedReason.Compliant, Some.At(11), Some.At(11), Some.At(10)));
    }

    [Fact]
    public async Task A_pass_without_a_finding_writes_no_finding()
    {
        var result = await ApplyAsync(Some.Evaluated(await StoredAsync(), Some.Passes()));

        (result.Opened, result.Resolved).ShouldBe((0, 0));
        (await FindingAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task An_unknown_verdict_is_stored_with_its_reason_and_changes_no_finding()
    {
        await FailedAsync();

        await ApplyAsync(Some.Evaluated(await StoredAsync(at: 10, """{"v":2}"""), Some.IsUnknown()));

        (await FindingAsync())!.State.ShouldBe(FindingState.Active);
        (await EvaluationAsync())!.Verdicts.ShouldBe(
            [new StoredVerdict(Some.Public, 1, Verdict.Unknown, new UnknownReason("Acl", "AccessDenied"))]);
    }

    [Fact]
    public async Task A_policy_whose_scope_excludes_the_resource_has_no_verdict()
    {
        await FailedAsync();

        await ApplyAsync(Some.Evaluated(await StoredAsync(at: 10, """{"v":2}"""), Some.LeftOut()));

        (await FindingAsync())!.ResolvedReason.ShouldBe(ResolvedReason.ScopeExcluded);
        (await EvaluationAsync())!.Verdicts.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_reopened_finding_keeps_first_seen_and_loses_its_resolution()
    {
        await FailedAsync();
        await ApplyAsync(Some.Evaluated(await StoredAsync(at: 10, """{"v":2}"""), Some.Passes()), "scan-2");

        await ApplyAsync(Some.Evaluated(await StoredAsync(at: 20, """{"v":3}"""), Some.Fails(severity: 10)), "scan-3");

        var finding = (await FindingAsync())!;
        (finding.State, finding.FirstSeen, finding.ResolvedAt, finding.ResolvedReason, finding.Severity)
            .ShouldBe((FindingState.Active, Some.At(1), null, null, 10));
        finding.Transitions.ShouldBe(
        [
            new FindingTransition(FindingState.Active, Some.At(21), null, "scan-3"),
            new FindingTransition(FindingState.Resolved, Some.At(11), ResolvedReason.Compliant, "scan-2"),
            new FindingTransition(FindingState.Active, Some.At(1), null, null),
        ]);
    }

    [Fact]
    public async Task A_late_fail_after_a_pass_without_a_finding_is_refused()
    {
        var old = await StoredAsync(at: 5);
        await ApplyAsync(Some.Evaluated(await StoredAsync(at: 6, """{"v":2}"""), Some.Passes()));

        var result = await ApplyAsync(Some.Evaluated(old, Some.Fails()));

        result.Outcomes.ShouldBe([ApplyOutcome.ResourceChanged]);
        (await FindingAsync()).ShouldBeNull();
        (await EvaluationAsync())!.Verdicts.Single().Verdict.ShouldBe(Verdict.Pass);
    }

    [Fact]
    public async Task Verdicts_on_a_configuration_that_is_not_stored_yet_are_refused()
    {
        await StoredAsync(at: 5);

        (await ApplyAsync(Some.Evaluated(Some.Bucket(at: 6), Some.Fails()))).Outcomes.ShouldBe([ApplyOutcome.ResourceChanged]);
    }

    [Fact]
    public async Task Verdicts_on_another_configuration_of_the_same_time_are_refused()
    {
        await StoredAsync(at: 5, """{"v":1}""");

        (await ApplyAsync(Some.Evaluated(Some.Bucket(at: 5, configuration: """{"v":2}"""), Some.Fails()))).Outcomes.ShouldBe([ApplyOutcome.ResourceChanged]);
    }

    [Fact]
    public async Task Verdicts_on_a_resource_that_is_not_stored_are_refused()
    {
        (await ApplyAsync(Some.Evaluated(Some.Bucket(), Some.Fails()))).Outcomes.ShouldBe([ApplyOutcome.ResourceChanged]);
    }

    [Fact]
    public async Task Verdicts_on_a_deleted_resource_are_refused()
    {
        var bucket = await StoredAsync(at: 5);
        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion(at: 6)], Some.At(6), None);

        (await ApplyAsync(Some.Evaluated(bucket, Some.Fails()))).Outcomes.ShouldBe([ApplyOutcome.ResourceChanged]);

        (await FindingAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Verdicts_on_a_tombstone_itself_are_refused()
    {
        var bucket = await StoredAsync(at: 5);
        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion(at: 6)], Some.At(6), None);

        (await ApplyAsync(Some.Evaluated(bucket with { DescribeTime = Some.At(6), Hash = "" }, Some.Fails()))).Outcomes.ShouldBe(
            [ApplyOutcome.ResourceChanged]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Verdicts_of_another_revision_are_refused(long revision)
    {
        await Stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Some.Noon, None);
        (await Stores.Policies.LaunchAsync(Some.Policy(), None))!.Revision.ShouldBe(3);
        await Stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Some.Noon, None);
        (await Stores.Policies.LaunchAsync(Some.Policy(), None))!.Revision.ShouldBe(5);
        var bucket = await StoredAsync();

        (await ApplyAsync(Some.Evaluated(bucket, Some.Fails(revision: revision)))).Outcomes.ShouldBe([ApplyOutcome.PolicyChanged]);
        (await ApplyAsync(Some.Evaluated(bucket, Some.Fails(revision: 5)))).Outcomes.ShouldBe([ApplyOutcome.Applied]);
    }

    [Theory]
    [InlineData(PolicyStatus.Suspended)]
    [InlineData(PolicyStatus.Deleted)]
    public async Task Verdicts_of_an_inactive_policy_are_refused_even_with_its_revision(PolicyStatus status)
    {
        var bucket = await StoredAsync();
        await Stores.Policies.SetStatusAsync(Some.Org, Some.Public, status, Some.Noon, None);

        (await ApplyAsync(Some.Evaluated(bucket, Some.Fails(revision: 2)))).Outcomes.ShouldBe([ApplyOutcome.PolicyChanged]);

        (await FindingAsync()).ShouldBeNull();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Verdicts_of_a_policy_that_was_never_launched_are_refused(long revision)
    {
        var bucket = await StoredAsync();

        (await ApplyAsync(Some.Evaluated(bucket, Some.Fails("NeverLaunched", revision)))).Outcomes.ShouldBe([ApplyOutcome.PolicyChanged]);
    }

    [Fact]
    public async Task One_changed_policy_refuses_all_verdicts_on_the_resource()
    {
        await Stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), None);
        await Stores.Policies.SetStatusAsync(Some.Org, Some.Unversioned, PolicyStatus.Suspended, Some.Noon, None);
        var bucket = await StoredAsync();

        (await ApplyAsync(Some.Evaluated(bucket, Some.Fails(), Some.Fails(Some.Unversioned)))).Outcomes.ShouldBe([ApplyOutcome.PolicyChanged]);

        (await FindingAsync()).ShouldBeNull();
        (await EvaluationAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Each_resource_of_a_batch_passes_the_gate_independently()
    {
        var (a, b) = (await StoredAsync(name: "a"), await StoredAsync(name: "b"));
        await StoredAsync(at: 5, """{"v":2}""", "a");

        var result = await ApplyBatchAsync([Some.Evaluated(a, Some.Fails()), Some.Evaluated(b, Some.Fails())]);

        result.Outcomes.ShouldBe([ApplyOutcome.ResourceChanged, ApplyOutcome.Applied]);
        (await FindingAsync("a")).ShouldBeNull();
        (await FindingAsync("b"))!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task Applying_the_same_verdicts_again_changes_nothing()
    {
        var evaluated = Some.Evaluated(await StoredAsync(at: 5), Some.Fails());
        await ApplyAsync(evaluated, "scan-1");
        var before = await FindingAsync();

        var again = await ApplyBatchAsync([evaluated, evaluated]);

        (again.Opened, again.Resolved).ShouldBe((0, 0));
        Some.Text(await FindingAsync()).ShouldBe(Some.Text(before));
        (await Stores.Findings.CountActiveByPolicyAsync(Some.Org, None)).ShouldBe(new Dictionary<string, long> { [Some.Public] = 1 });
    }

    [Fact]
    public async Task An_earlier_verdict_does_not_replace_a_later_one_on_the_same_configuration()
    {
        // A time-dependent policy: the key was not old enough in one evaluation, but in the next.
        var bucket = await StoredAsync(at: 5);
        var young = Some.Evaluated(bucket, Some.Passes()) with { EvaluatedAt = Some.At(100) };
        var old = Some.Evaluated(bucket, Some.Fails()) with { EvaluatedAt = Some.At(101) };

        await ApplyAsync(old);
        await ApplyAsync(young);

        (await FindingAsync())!.State.ShouldBe(FindingState.Active);
        (await EvaluationAsync())!.EvaluatedAt.ShouldBe(Some.At(101));
    }

    [Fact]
    public async Task An_evaluation_without_a_new_policy_does_not_replace_its_verdicts()
    {
        var bucket = await StoredAsync(at: 5);
        var without = Some.Evaluated(bucket, Some.Passes());
        await Stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), None);
        await ApplyAsync(Some.Evaluated(bucket, Some.Passes(), Some.Fails(Some.Unversioned)) with { Fingerprint = "with both", EvaluatedAt = Some.At(10) });

        (await ApplyAsync(without)).Outcomes.ShouldBe([ApplyOutcome.PolicyChanged]);

        (await EvaluationAsync())!.Verdicts.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Deleting_a_resource_resolves_its_findings_and_drops_its_evaluation()
    {
        await FailedAsync();

        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion(at: 10)], Some.At(12), None);

        var finding = (await FindingAsync())!;
        (finding.State, finding.ResolvedReason, finding.ResolvedAt).ShouldBe((FindingState.Resolved, ResolvedReason.ResourceDeleted, Some.At(12)));
        (await EvaluationAsync()).ShouldBeNull();
        (await Stores.Findings.CountVerdictsAsync(Some.Org, null, None)).ShouldBeEmpty();
        (await Stores.Findings.CountActiveByPolicyAsync(Some.Org, None)).GetValueOrDefault(Some.Public).ShouldBe(0);
    }

    [Fact]
    public async Task Only_the_last_ten_transitions_are_kept()
    {
        for (var i = 0; i < 12; i++)
        {
            await ApplyAsync(Some.Evaluated(await StoredAsync(at: 10 * i, $$"""{"v":{{i}}}"""), i % 2 == 0 ? Some.Fails() : Some.Passes()));
        }

        var finding = (await FindingAsync())!;
        finding.Transitions.Count.ShouldBe(10);
        finding.Transitions[0].ShouldBe(new FindingTransition(FindingState.Resolved, Some.At(111), ResolvedReason.Compliant, null));
    }

    [Fact]
    public async Task An_empty_batch_changes_nothing()
    {
        (await ApplyBatchAsync([])).Outcomes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Findings_of_a_policy_are_resolved_in_batches()
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            await ApplyAsync(Some.Evaluated(await StoredAsync(name: name), Some.Fails()));
        }

        await Stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Some.At(10), None);

        var batches = new List<int>();
        do
        {
            batches.Add(await Stores.Findings.ResolvePolicyAsync(Some.Org, Some.Public, ResolvedReason.PolicySuspended, Some.At(20), 2, None));
        }
        while (batches[^1] > 0);

        batches.ShouldBe([2, 1, 0]);
        var finding = (await FindingAsync("c"))!;
        (finding.State, finding.ResolvedReason, finding.ResolvedAt).ShouldBe((FindingState.Resolved, ResolvedReason.PolicySuspended, Some.At(20)));
        (await Stores.Findings.CountActiveByPolicyAsync(Some.Org, None)).GetValueOrDefault(Some.Public).ShouldBe(0);
    }

    [Fact]
    public async Task The_findings_of_an_active_policy_are_not_resolved()
    {
        await FailedAsync();

        (await Stores.Findings.ResolvePolicyAsync(Some.Org, Some.Public, ResolvedReason.PolicySuspended, Some.At(20), 100, None)).ShouldBe(0);

        (await FindingAsync())!.State.ShouldBe(FindingState.Active);
    }

    private async Task<CollectedResource> StoredAsync(double at = 0, string configuration = "{}", string name = "a")
    {
        var bucket = Some.Bucket(name, at, configuration);
        await Stores.Resources.WriteAsync(Some.Org, [bucket], bucket.DescribeTime, None);
        return bucket;
    }

    private async Task FailedAsync() => await ApplyAsync(Some.Evaluated(await StoredAsync(), Some.Fails()));

    private Task<ApplyResult> ApplyAsync(EvaluatedResource evaluated, string? scanId = null) =>
        Stores.Findings.ApplyAsync(Some.Org, [evaluated], scanId, None);

    private Task<ApplyResult> ApplyBatchAsync(IReadOnlyList<EvaluatedResource> evaluated) => Stores.Findings.ApplyAsync(Some.Org, evaluated, "scan-1", None);

    private Task<Finding?> FindingAsync(string name = "a") => Stores.Findings.FindAsync(Some.Org, Some.S3, Some.ArnOf(name), Some.Public, None);

    private Task<Evaluation?> EvaluationAsync() => Stores.Findings.FindEvaluationAsync(Some.Org, Some.S3, Some.ArnOf("a"), None);
}
