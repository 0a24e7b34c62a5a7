using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain.Accounts;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Policies.Lookups;
using Qrie.Domain.Scans;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Findings;

/// <summary>From stored resources to evaluations and findings, over a real store and verdicts that the configurations name themselves.</summary>
public sealed class FindingsReconcilerTests : IAsyncLifetime
{
    private const string Fail = """{"S3BucketPublic":"fail"}""";
    private const string Pass = """{"S3BucketPublic":"pass"}""";

    private readonly ScriptedEvaluator _evaluator = new();
    private readonly MinimalCatalog _catalog = new(
        MinimalCatalog.Policy(), MinimalCatalog.Policy(Some.Unversioned, severity: 30),
        MinimalCatalog.Policy("Ec2", service: "ec2", type: "AWS::EC2::Instance"));

    private readonly FakeClock _clock = new(Some.At(1000));
    private StoreSet _stores = null!;
    private FindingsReconciler _reconciler = null!;
    private Account _account = Some.Account();

    public async Task InitializeAsync()
    {
        _stores = await SqliteFile.EmptyAsync();
        await _stores.Accounts.AddAsync(_account, default);
        await _stores.Policies.LaunchAsync(Some.Policy(), default);
        _reconciler = new FindingsReconciler(
            _stores.Findings, _stores.Resources, new ActivePolicies(_stores.Policies, _catalog),
            new ResourceJudge(_evaluator), new RelatedLoader(_stores.Resources), new JudgingTurns(), _clock,
            NullLogger<FindingsReconciler>.Instance);
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task A_violation_opens_a_finding_with_severity_and_evidence()
    {
        await StoredAsync(Some.Bucket("bad", configuration: Fail), Some.Bucket("good", configuration: Pass));

        var result = await ScanAsync();

        var finding = (await FindingAsync("bad"))!;
        (finding.State, finding.Severity, finding.ScanId, finding.FirstSeen).ShouldBe((FindingState.Active, 60, "scan-1", Some.At(1000)));
        finding.Evidence.GetRawText().ShouldBe("""{"violation":"arn:aws:s3:::bad"}""");
        (await FindingAsync("good")).ShouldBeNull();
        result.Counters.Values.ShouldBe(new Dictionary<string, long>
        {
            [ScanCounters.FindingsCreated] = 1,
            [ScanCounters.PoliciesEvaluated] = 1,
            [ScanCounters.ProcessedResources] = 2,
            [ScanCounters.ResourcesJudged] = 2,
        });
    }

    [Fact]
    public async Task What_the_evaluator_gets_is_what_is_stored_and_launched()
    {
        await _stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Some.Noon, default);
        _catalog.Policies = [
            MinimalCatalog.Policy(parameters: new Dictionary<string, JsonElement> { ["days"] = Some.Json("90"), ["strict"] = Some.Json("true") })];
        await _stores.Policies.LaunchAsync(Some.Policy() with { Params = new Dictionary<string, JsonElement> { ["days"] = Some.Json("30") } }, default);
        await StoredAsync(Some.Bucket("a", configuration: """{"Näme":"ü 👟"}""") with { Tags = new Dictionary<string, string> { ["Env"] = "prod" } });

        await ScanAsync();

        var (policyId, input) = _evaluator.Asked.ShouldHaveSingleItem();
        (policyId, input.AccountId, input.Arn, input.Region, input.Now).ShouldBe((Some.Public, Some.AccountId, Some.ArnOf("a"), "eu-west-1", Some.At(1000)));
        input.Configuration.GetProperty("Näme").GetString().ShouldBe("ü 👟");
        input.Tags.ShouldBe(new Dictionary<string, string> { ["Env"] = "prod" });
        input.Params.ToDictionary(p => p.Key, p => p.Value.GetRawText()).ShouldBe(new Dictionary<string, string> { ["days"] = "30", ["strict"] = "true" });
    }

    [Theory]
    [InlineData("pass", ResolvedReason.Compliant)]
    [InlineData("not_applicable", ResolvedReason.NotApplicable)]
    public async Task What_is_no_violation_any_more_resolves_the_finding(string verdict, ResolvedReason reason)
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        await ScanAsync();
        await StoredAsync(Some.Bucket(at: 10, configuration: $$"""{"S3BucketPublic":"{{verdict}}"}"""));
        _clock.Advance(TimeSpan.FromSeconds(60));

        var result = await ScanAsync();

        var finding = (await FindingAsync())!;
        (finding.State, finding.ResolvedReason, finding.ResolvedAt).ShouldBe((FindingState.Resolved, reason, Some.At(1060)));
        result.Counters[ScanCounters.FindingsClosed].ShouldBe(1);
    }

    [Fact]
    public async Task An_unknown_verdict_leaves_an_active_finding_active_and_opens_none()
    {
        await StoredAsync(Some.Bucket("had", configuration: Fail));
        await ScanAsync();
        const string Unknown = """{"S3BucketPublic":"unknown"}""";
        await StoredAsync(Some.Bucket("had", 10, Unknown), Some.Bucket("had-not", 10, Unknown));

        var result = await ScanAsync();

        (await FindingAsync("had"))!.State.ShouldBe(FindingState.Active);
        (await FindingAsync("had-not")).ShouldBeNull();
        (await EvaluationAsync("had-not"))!.Verdicts.ShouldBe(
            [new StoredVerdict(Some.Public, 1, Verdict.Unknown, new UnknownReason("Acl", "AccessDenied"))]);
        (result.Counters[ScanCounters.FindingsCreated], result.Counters[ScanCounters.FindingsClosed]).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_scope_that_leaves_the_resource_out_resolves_the_finding_and_asks_no_evaluator()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        await ScanAsync();
        _evaluator.Asked.Clear();

        await RelaunchAsync(Some.Policy() with { Scope = new PolicyScope { ExcludeAccounts = [Some.AccountId] } });
        await ScanAsync();

        (await FindingAsync())!.ResolvedReason.ShouldBe(ResolvedReason.ScopeExcluded);
        (await EvaluationAsync())!.Verdicts.ShouldBeEmpty();
        _evaluator.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_scope_that_asks_for_tags_that_could_not_be_read_is_unknown_and_changes_nothing()
    {
        await StoredAsync(Some.Bucket(configuration: Fail) with { Tags = null });
        await ScanAsync();

        await RelaunchAsync(
            Some.Policy() with { Scope = new PolicyScope { IncludeTags = new Dictionary<string, IReadOnlyList<string>> { ["Env"] = ["prod"] } } });
        await ScanAsync();

        (await FindingAsync())!.State.ShouldBe(FindingState.Active);
        (await EvaluationAsync())!.Verdicts.Single().Reason.ShouldBe(new UnknownReason("Tags", "SCOPE_UNKNOWN"));
    }

    [Fact]
    public async Task A_scope_that_asks_for_an_ou_that_is_not_known_is_unknown_until_it_is()
    {
        await RelaunchAsync(Some.Policy() with { Scope = new PolicyScope { IncludeOuPaths = ["/Production"] } });
        await StoredAsync(Some.Bucket(configuration: Fail));
        await ScanAsync();
        (await EvaluationAsync())!.Verdicts.Single().Reason.ShouldBe(new UnknownReason(null, "SCOPE_UNKNOWN"));

        _account = _account with { Ou = "/Production/Web" };
        await ScanAsync();

        (await FindingAsync())!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task A_changed_severity_reaches_the_finding_though_the_resource_did_not_change()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        await ScanAsync();

        await RelaunchAsync(Some.Policy() with { Severity = 95 });
        await ScanAsync();

        var finding = (await FindingAsync())!;
        (finding.Severity, finding.FirstSeen, finding.Transitions.Count).ShouldBe((95, Some.At(1000), 1));
    }

    [Fact]
    public async Task A_severity_that_changed_in_the_catalog_reaches_the_finding()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        await ScanAsync();

        _catalog.Policies = [MinimalCatalog.Policy(severity: 20)];
        await ScanAsync();

        (await FindingAsync())!.Severity.ShouldBe(20);
    }

    [Fact]
    public async Task What_did_not_change_is_not_judged_again_and_still_counts_as_processed()
    {
        await StoredAsync(Some.Bucket("a", configuration: Fail), Some.Bucket("b"));
        await ScanAsync();
        _evaluator.Asked.Clear();
        await StoredAsync(Some.Bucket("a", at: 10, configuration: Fail)); // described again, the same

        var result = await ScanAsync();

        _evaluator.Asked.ShouldBeEmpty();
        (result.Counters[ScanCounters.ProcessedResources], result.Counters[ScanCounters.ResourcesJudged]).ShouldBe((2, 0));
    }

    [Fact]
    public async Task What_changed_is_judged_again_alone()
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
    public async Task A_newly_launched_policy_judges_what_did_not_change()
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
    public async Task A_time_dependent_policy_is_asked_again_when_it_is_due(double hours, int asked)
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
    public async Task A_resource_that_moves_while_it_is_judged_is_judged_again()
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
        (result.Counters[ScanCounters.ResourcesJudged], result.Counters[ScanCounters.SkippedResources]).ShouldBe((1, 0));
    }

    [Fact]
    public async Task A_resource_that_is_deleted_while_it_is_judged_gets_no_verdict()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        _evaluator.Meanwhile = _ => Beside(() => _stores.Resources.DeleteAsync(Some.Org, [Some.Deletion(at: 10)], Some.At(10), default));

        await ScanAsync();

        (await FindingAsync()).ShouldBeNull();
        (await EvaluationAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_policy_that_is_suspended_while_it_judges_leaves_no_finding()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        _evaluator.Meanwhile = _ => Beside(() => _stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Some.Noon, default));

        await ScanAsync();

        (await FindingAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_policy_that_changes_while_it_judges_judges_again_as_it_is_now()
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
    public async Task A_resource_that_never_stands_still_is_left_to_its_writer_after_five_attempts()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        var at = 10;
        _evaluator.Meanwhile = _ => Beside(() => StoredAsync(Some.Bucket(at: at++, configuration: Fail)));

        var result = await ScanAsync();

        _evaluator.Asked.Count.ShouldBe(5);
        (result.Counters[ScanCounters.SkippedResources], result.Counters[ScanCounters.ResourcesJudged]).ShouldBe((1, 0));
        (await FindingAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task What_was_given_up_on_is_judged_by_the_next_scan_though_it_did_not_change()
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
    public async Task Without_policies_nothing_is_read_or_written()
    {
        await _stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Some.Noon, default);
        await StoredAsync(Some.Bucket(configuration: Fail));

        (await ScanAsync()).Counters.Values.ShouldBeEmpty();

        (await EvaluationAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_launched_policy_that_the_catalog_does_not_have_any_more_judges_nothing()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        _catalog.Policies = [];

        (await ScanAsync()).Counters.Values.ShouldBeEmpty();

        (await FindingAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Resources_of_other_services_and_types_are_left_alone()
    {
        await StoredAsync(
            Some.Bucket("point", configuration: Fail) with { Type = "AWS::S3::AccessPoint" }, Some.Bucket("vm", configuration: Fail) with { Service = "ec2" });

        (await ScanAsync()).Counters[ScanCounters.ProcessedResources].ShouldBe(0);

        _evaluator.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_scan_moves_the_last_evaluation_of_active_findings_though_nothing_changed()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        await ScanAsync();
        _clock.Advance(TimeSpan.FromHours(24));

        await ScanAsync();

        (await FindingAsync())!.LastEvaluated.ShouldBe(Some.At(1000).AddHours(24));
    }

    [Fact]
    public async Task Many_resources_are_judged_in_chunks_each_once()
    {
        var buckets = Enumerable.Range(0, 1201)
            .Select(i => Some.Bucket(Some.Numbered("b", i), configuration: i % 3 == 0 ? Fail : Pass)).ToArray();
        await StoredAsync(buckets);

        var result = await ScanAsync();

        (result.Counters[ScanCounters.ProcessedResources], result.Counters[ScanCounters.ResourcesJudged], result.Counters[ScanCounters.FindingsCreated])
            .ShouldBe((1201, 1201, 401));
        _evaluator.Asked.Select(a => a.Input.Arn).ShouldBe(buckets.Select(b => b.Arn));
        (await _stores.Findings.CountActiveByPolicyAsync(Some.Org, default))[Some.Public].ShouldBe(401);
    }

    [Fact]
    public async Task Among_many_that_need_no_judging_the_few_that_do_are_found()
    {
        // More than one look of the store (5,000 rows): the ones to judge are the first, the last before its end, and the last of all.
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
    public async Task Configurations_of_400_KB_are_judged_whole()
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

    [Fact]
    public async Task One_resource_is_judged_by_all_policies_of_its_type()
    {
        await _stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), default);
        await StoredAsync(Some.Bucket(configuration: """{"S3BucketPublic":"fail","S3BucketVersioningDisabled":"fail"}"""));
        var counters = new ScanCounters();

        await _reconciler.JudgeAsync(
            _account, "s3", [(await _stores.Resources.FindAsync(Some.Org, Some.S3, Some.ArnOf("a"), default))!], null, counters, default);

        (await FindingAsync())!.ScanId.ShouldBeNull();
        (await FindingAsync(policyId: Some.Unversioned))!.State.ShouldBe(FindingState.Active);
        counters[ScanCounters.FindingsCreated].ShouldBe(2);
        _evaluator.Asked.Clear();
        await ScanAsync();
        _evaluator.Asked.ShouldBeEmpty(); // the event has judged it as the scan would
    }

    [Fact]
    public async Task An_event_that_judges_late_gives_its_verdict_on_what_is_stored_now()
    {
        await StoredAsync(Some.Bucket(at: 5, configuration: Fail));
        var seen = (await _stores.Resources.FindAsync(Some.Org, Some.S3, Some.ArnOf("a"), default))!;
        await StoredAsync(Some.Bucket(at: 6, configuration: Pass));
        await ScanAsync();

        await _reconciler.JudgeAsync(_account, "s3", [seen], null, new ScanCounters(), default);

        (await FindingAsync()).ShouldBeNull();
        (await EvaluationAsync())!.Verdicts.Single().Verdict.ShouldBe(Verdict.Pass);
    }

    /// <summary>Something that another writer does in the middle of an evaluation, which is not asynchronous.</summary>
    private static void Beside(Func<Task> work) => Task.Run(work).GetAwaiter().GetResult();

    private async Task<UnitResult> ScanAsync()
    {
        var counters = new ScanCounters();
        await _reconciler.ReconcileAsync(_account, "s3", "scan-1", counters, default);
        return new UnitResult(counters, []);
    }

    private async Task StoredAsync(params CollectedResource[] buckets) => await _stores.Resources.WriteAsync(Some.Org, buckets, Some.Noon, default);

    private async Task RelaunchAsync(LaunchedPolicy policy)
    {
        await _stores.Policies.SetStatusAsync(Some.Org, policy.PolicyId, PolicyStatus.Suspended, Some.Noon, default);
        await _stores.Policies.LaunchAsync(policy, default);
    }

    private Task<Finding?> FindingAsync(string name = "a", string policyId = Some.Public) =>
        _stores.Findings.FindAsync(Some.Org, Some.S3, Some.ArnOf(name), policyId, default);

    private Task<Evaluation?> EvaluationAsync(string name = "a") => _stores.Findings.FindEvaluationAsync(Some.Org, Some.S3, Some.ArnOf(name), default);
}
