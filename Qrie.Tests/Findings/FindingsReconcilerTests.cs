using System.Text.Json;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Findings;

/// <summary>Effects of verdicts and scopes on findings.</summary>
public sealed class FindingsReconcilerTests : FindingsReconcilerTest
{
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
            [ScanCounters.ResourcesEvaluated] = 2,
        });
    }

    [Fact]
    public async Task The_evaluator_receives_the_stored_resource_and_the_launched_settings()
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
    public async Task The_end_of_a_violation_resolves_the_finding(string verdict, ResolvedReason reason)
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
    public async Task A_scope_that_excludes_the_resource_resolves_the_finding_without_evaluation()
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
    public async Task A_scope_with_unreadable_tags_is_unknown_and_changes_nothing()
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
    public async Task A_scope_with_an_unknown_OU_is_unknown_until_the_OU_is_known()
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
    public async Task Without_policies_nothing_is_read_or_written()
    {
        await _stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Some.Noon, default);
        await StoredAsync(Some.Bucket(configuration: Fail));

        (await ScanAsync()).Counters.Values.ShouldBeEmpty();

        (await EvaluationAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_launched_policy_no_longer_in_the_catalog_evaluates_nothing()
    {
        await StoredAsync(Some.Bucket(configuration: Fail));
        _catalog.Policies = [];

        (await ScanAsync()).Counters.Values.ShouldBeEmpty();

        (await FindingAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Resources_of_other_services_and_types_are_not_evaluated()
    {
        await StoredAsync(
            Some.Bucket("point", configuration: Fail) with { Type = "AWS::S3::AccessPoint" }, Some.Bucket("vm", configuration: Fail) with { Service = "ec2" });

        (await ScanAsync()).Counters[ScanCounters.ProcessedResources].ShouldBe(0);

        _evaluator.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_resource_is_evaluated_by_all_policies_of_its_type()
    {
        await _stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), default);
        await StoredAsync(Some.Bucket(configuration: """{"S3BucketPublic":"fail","S3BucketVersioningDisabled":"fail"}"""));
        var counters = new ScanCounters();

        await _reconciler.EvaluateAsync(
            _account, "s3", [(await _stores.Resources.FindAsync(Some.Org, Some.S3, Some.ArnOf("a"), default))!], null, counters, default);

        (await FindingAsync())!.ScanId.ShouldBeNull();
        (await FindingAsync(policyId: Some.Unversioned))!.State.ShouldBe(FindingState.Active);
        counters[ScanCounters.FindingsCreated].ShouldBe(2);
        _evaluator.Asked.Clear();
        await ScanAsync();
        _evaluator.Asked.ShouldBeEmpty(); // the event has the same result as the scan
    }
}
