using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Policies.Lookups;
using Qrie.Domain.Work;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Policies;

/// <summary>Verdicts that depend on other resources, from the policy file to the finding: buckets whose log bucket is public.</summary>
public sealed class LookupTests : IAsyncLifetime
{
    private const string PolicyId = "S3BucketLogsPublic";
    private const string Quiet = """{"Name":"logs"}""";
    private const string Public = """{"Name":"logs","Public":true}""";

    private const string Policy =
        """
        id: S3BucketLogsPublic
        title: Logs in a public bucket
        description: The bucket writes its access logs to a bucket that anyone may read.
        resource: AWS::S3::Bucket
        category: logging
        severity: 80
        lookup:
          target: { type: AWS::S3::Bucket, key: Name, equals: Logging.TargetBucket, across: REACH }
        applies: Logging.TargetBucket
        violation: '!$target || $target[?Public]'
        remediation: Make the log bucket private.
        tests:
          - name: private
            config: { Logging: { TargetBucket: logs } }
            related: { target: [{ Name: logs }] }
            expect: pass
            absent: { Logging: not_applicable }
          - name: public
            config: { Logging: { TargetBucket: logs } }
            related: { target: [{ Name: logs, Public: true }] }
            expect: fail
        """;

    private readonly FakeClock _clock = new(Some.At(1000));
    private readonly StaticCatalog _catalog = new("account");
    private StoreSet _stores = null!;
    private FindingsReconciler _reconciler = null!;

    public async ValueTask InitializeAsync()
    {
        _stores = await SqliteFile.EmptyAsync();
        await _stores.Accounts.AddAsync(Some.Account(), default);
        await _stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId), default);
        await _stores.Policies.LaunchAsync(Some.Policy(PolicyId), default);
        _reconciler = new FindingsReconciler(
            _stores.Findings, _stores.Resources, new ActivePolicies(_stores.Policies, _catalog), new ResourceEvaluator(new PolicyEvaluator()),
            new RelatedLoader(_stores.Resources), new EvaluationThrottle(), _clock, NullLogger<FindingsReconciler>.Instance);
        await _stores.Coverage.RecordAsync(Some.Org, Some.Coverage(), default);
        await _stores.Coverage.RecordAsync(Some.Org, Some.Coverage(Some.OtherAccountId), default);
        await StoredAsync("app", 1, """{"Name":"app","Logging":{"TargetBucket":"logs"}}""");
    }

    public async ValueTask DisposeAsync() => await _stores.DisposeAsync();

    [Theory]
    [InlineData(Quiet, Verdict.Pass)]
    [InlineData(Public, Verdict.Fail)]
    public async Task The_verdict_depends_on_the_other_resource(string logs, Verdict expected)
    {
        await StoredAsync("logs", 1, logs);

        (await EvaluatedAsync()).ShouldBe((expected, null));
    }

    [Fact]
    public async Task A_change_of_the_other_resource_makes_only_dependent_verdicts_due()
    {
        await StoredAsync("logs", 1, Quiet);
        await EvaluatedAsync();
        await StoredAsync("logs", 10, Public);

        var counters = await ScanAsync();

        (await VerdictAsync()).ShouldBe((Verdict.Fail, null));
        counters[ScanCounters.ResourcesEvaluated].ShouldBe(2); // the changed one, and the one that looks it up
        (await ScanAsync())[ScanCounters.ResourcesEvaluated].ShouldBe(0);
    }

    [Fact]
    public async Task A_new_resource_makes_verdicts_due_that_did_not_find_it()
    {
        (await EvaluatedAsync()).ShouldBe((Verdict.Fail, null)); // known not to exist
        await StoredAsync("logs", 10, Quiet);
        await ScanAsync();

        (await VerdictAsync()).ShouldBe((Verdict.Pass, null));
    }

    [Fact]
    public async Task A_deleted_resource_makes_verdicts_due_that_found_it()
    {
        await StoredAsync("logs", 1, Quiet);
        await EvaluatedAsync();
        await _stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("logs", 20)], Some.At(20), default);
        await ScanAsync();

        (await VerdictAsync()).ShouldBe((Verdict.Fail, null));
    }

    [Fact]
    public async Task A_resource_that_lost_its_key_is_not_found_any_more()
    {
        await StoredAsync("logs", 1, Quiet);
        await EvaluatedAsync();
        await StoredAsync("app", 15, """{"Name":"app","Logging":{"TargetBucket":"logs"},"Revision":2}""");
        await StoredAsync("logs", 20, """{"Revision":2}""");
        await ScanAsync();

        (await VerdictAsync()).ShouldBe((Verdict.Fail, null));
    }

    [Fact]
    public async Task A_lookup_without_a_result_in_incomplete_data_is_unknown()
    {
        await _stores.Coverage.RecordAsync(
            Some.Org, Some.Coverage() with { Outcome = ListOutcome.Denied, ErrorCode = "AccessDenied", CheckedAt = Some.At(5) }, default);

        (await EvaluatedAsync()).ShouldBe((Verdict.Unknown, new UnknownReason("$target", UnknownReason.NotCovered)));
    }

    [Fact]
    public async Task A_lookup_without_a_result_is_unknown_if_the_key_of_a_resource_could_not_be_read()
    {
        await StoredAsync("hidden", 1, """{"_unknown":{"Name":"AccessDenied"}}""");

        (await EvaluatedAsync()).ShouldBe((Verdict.Unknown, new UnknownReason("$target", UnknownReason.NotCovered)));
    }

    [Fact]
    public async Task Unknown_attributes_of_the_other_resource_are_unknown()
    {
        await StoredAsync("logs", 1, """{"Name":"logs","_unknown":{"Public":"AccessDenied"}}""");

        (await EvaluatedAsync()).ShouldBe((Verdict.Unknown, new UnknownReason("$target.Public", "AccessDenied")));
    }

    [Fact]
    public async Task Unknown_attributes_of_the_resource_itself_are_unknown()
    {
        await StoredAsync("app", 2, """{"Name":"app","_unknown":{"Logging":"AccessDenied"}}""");

        (await EvaluatedAsync()).Verdict.ShouldBe(Verdict.Unknown);
    }

    [Theory]
    [InlineData("account", Verdict.Fail)]
    [InlineData("organization", Verdict.Pass)]
    public async Task Lookups_across_accounts_search_other_accounts(string reach, Verdict expected)
    {
        _catalog.Use(reach);
        await StoredAsync("logs", 1, Quiet, Some.OtherAccountId);

        (await EvaluatedAsync()).Verdict.ShouldBe(expected);
    }

    [Fact]
    public async Task A_service_that_is_no_longer_watched_is_not_covered_by_lookups()
    {
        _catalog.Use("organization");
        await StoredAsync("logs", 1, Quiet, Some.OtherAccountId);
        (await EvaluatedAsync()).ShouldBe((Verdict.Pass, null));

        var change = new AccountChange(Some.OtherAccountId, other => other! with { Services = ["iam"] });
        await _stores.Accounts.ChangeAsync(Some.Org, [change], allOrNothing: true, default);
        _clock.Advance(TimeSpan.FromDays(1));

        (await EvaluatedAsync()).ShouldBe((Verdict.Unknown, new UnknownReason("$target", UnknownReason.NotCovered)));
    }

    [Fact]
    public async Task A_verdict_whose_lookups_have_changed_meanwhile_is_not_written()
    {
        await StoredAsync("logs", 1, Quiet);
        var resource = (await _stores.Resources.FindAsync(Some.Org, Some.S3, Some.ArnOf("app"), default))!;
        var policies = await new ActivePolicies(_stores.Policies, _catalog).OfServiceAsync(Some.Account(), "s3", default);
        var related = await new RelatedLoader(_stores.Resources).LoadAsync(Some.Account(), [resource], policies.OfType, _clock.Now, default);
        var evaluated = new ResourceEvaluator(new PolicyEvaluator()).Evaluate(
            resource, policies.OfType(Some.BucketType), policies.Fingerprints[Some.BucketType], Some.Account(), _clock.Now, related);
        await StoredAsync("logs", 10, Public);

        (await _stores.Findings.ApplyAsync(Some.Org, [evaluated], null, default)).Outcomes.ShouldBe([ApplyOutcome.RelatedChanged]);
    }

    [Fact]
    public async Task Stored_resources_are_indexed_at_startup_for_new_lookup_keys()
    {
        await _stores.Resources.WriteAsync(Some.Org, [Some.Bucket("logs", 1, Quiet)], Some.Noon, default); // without keys
        (await EvaluatedAsync()).Verdict.ShouldBe(Verdict.Fail);
        var index = new LookupIndex(_catalog, new LookupKeys(_catalog), _stores.Resources, _stores.Installation);

        (await index.UpdateAsync(Some.Org, default)).ShouldBe(2);
        (await index.UpdateAsync(Some.Org, default)).ShouldBe(0);
        await ScanAsync();

        (await VerdictAsync()).ShouldBe((Verdict.Pass, null));
    }

    [Fact]
    public async Task A_lookup_may_use_the_results_of_earlier_ones()
    {
        _catalog.UseChain();
        await StoredAsync("logs", 1, """{"Name":"logs","Logging":{"TargetBucket":"archive"}}""");
        (await EvaluatedAsync()).ShouldBe((Verdict.Fail, null)); // the second link is known not to exist
        await StoredAsync("archive", 2, """{"Name":"archive"}""");
        (await EvaluatedAsync()).ShouldBe((Verdict.Pass, null));
        await StoredAsync("archive", 10, """{"Name":"archive","Public":true}""");

        await ScanAsync();

        (await VerdictAsync()).ShouldBe((Verdict.Fail, null));
    }

    [Fact]
    public async Task An_unreadable_link_makes_all_later_ones_unknown()
    {
        _catalog.UseChain();
        await StoredAsync("logs", 1, """{"Name":"logs","_unknown":{"Logging":"AccessDenied"}}""");

        (await EvaluatedAsync()).ShouldBe((Verdict.Unknown, new UnknownReason("$next", "AccessDenied")));
    }

    [Theory]
    [InlineData("'$target[].Name'", "'$next[].Name'", "$next, which is not bound here")]
    [InlineData("'$gone[].Name'", "Name", "$gone, which is not bound here")]
    public void A_lookup_cannot_use_a_later_one(string second, string first, string message) =>
        Should.Throw<CatalogException>(() => _catalog.UseChain(first, second)).Errors.ShouldContain(e => e.ToString().Contains(message));

    private async Task<(Verdict Verdict, UnknownReason? Reason)> EvaluatedAsync()
    {
        await ScanAsync();
        return await VerdictAsync();
    }

    private async Task<ScanCounters> ScanAsync()
    {
        var counters = new ScanCounters();
        await _reconciler.ReconcileAsync(Some.Account(), "s3", "scan-1", counters, default);
        return counters;
    }

    private async Task<(Verdict Verdict, UnknownReason? Reason)> VerdictAsync()
    {
        var verdict = (await _stores.Findings.FindEvaluationAsync(Some.Org, Some.S3, Some.ArnOf("app"), default))!.Verdicts.Single();
        return (verdict.Verdict, verdict.Reason);
    }

    private async Task StoredAsync(string name, double at, string configuration, string account = Some.AccountId)
    {
        var bucket = Some.Bucket(name, at, configuration, account: account);
        await _stores.Resources.WriteAsync(Some.Org, [bucket with { Keys = new LookupKeys(_catalog).Of(bucket) }], Some.At(at), default);
    }

    private sealed class StaticCatalog : ICatalog
    {
        public StaticCatalog(string reach) => Use(reach);

        public ResourceCatalog Current { get; private set; } = null!;

        public void Use(string reach) => Load(Policy.Replace("REACH", reach, StringComparison.Ordinal));

        /// <summary>Looks up the bucket to which the log bucket logs.</summary>
        public void UseChain(string first = "Logging.TargetBucket", string second = "'$target[].Logging.TargetBucket'") => Load($$"""
            id: {{PolicyId}}
            title: Logs of logs in a public bucket
            description: The log bucket logs to a bucket that anyone may read.
            resource: AWS::S3::Bucket
            category: logging
            severity: 80
            lookup:
              target: { type: AWS::S3::Bucket, key: Name, equals: {{first}} }
              next: { type: AWS::S3::Bucket, key: Name, equals: {{second}} }
            applies: Logging.TargetBucket
            violation: '!$next[].Name || $next[?Public]'
            remediation: Make it private.
            tests:
              - { name: private, config: { Logging: { TargetBucket: logs } }, related: { next: [{ Name: b }] }, expect: pass,
                  absent: { Logging: not_applicable } }
              - { name: public, config: { Logging: { TargetBucket: logs } }, related: { next: [{ Name: b, Public: true }] }, expect: fail }
            """);

        private void Load(string policy) => Current = CatalogLoader.Load(
        [
            new CatalogFile("services/s3.yaml", MinimalCatalog.S3, CatalogFileKind.Service),
            new CatalogFile($"policies/s3/{PolicyId}.yaml", policy, CatalogFileKind.Policy),
        ]);
    }
}
