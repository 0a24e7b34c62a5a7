using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Compliance;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Findings follow the exceptions that are in force: when verdicts are written, and in passes after a change of an exception.</summary>
public abstract class ExceptionContract : StoreContract
{
    private readonly FakeClock _clock = new(Some.At(100));

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Stores.Accounts.AddAsync(Some.Account(), None);
        foreach (var policy in (string[])[Some.Public, Some.Unversioned])
        {
            await Stores.Policies.LaunchAsync(Some.Policy(policy), None);
        }
    }

    [Fact]
    public async Task A_violation_under_an_exception_is_suppressed_and_becomes_active_when_the_exception_is_removed()
    {
        var exception = await AddAsync(Some.Exception());
        await FailAsync("a", at: 10);
        var held = await FindAsync("a");
        (held.State, held.ExceptionId, held.FirstSeen, held.Transitions.Single().ExceptionId)
            .ShouldBe((FindingState.Suppressed, exception.ExceptionId, Some.At(11), exception.ExceptionId));

        (await Stores.Exceptions.RemoveAsync(Some.Org, exception.ExceptionId, _clock.Now, None))!.Status.ShouldBe(ExceptionStatus.Removed);
        await PassAsync();

        var active = await FindAsync("a");
        (active.State, active.ExceptionId, active.FirstSeen).ShouldBe((FindingState.Active, null, Some.At(11)));
        active.Transitions.Select(t => t.State).ShouldBe([FindingState.Active, FindingState.Suppressed]);
        (await Stores.Exceptions.RemoveAsync(Some.Org, exception.ExceptionId, _clock.Now, None)).ShouldBeNull("it has ended");
    }

    [Fact]
    public async Task Existing_findings_are_suppressed_by_a_pass_with_the_totals()
    {
        await FailAsync("a");
        await FailAsync("b");
        await PassesAsync("c");
        await AddAsync(Some.Exception(arn: Some.ArnOf("a")));
        (await FindAsync("a")).State.ShouldBe(FindingState.Active, "the pass has not run");

        await PassAsync();

        (await FindAsync("a")).State.ShouldBe(FindingState.Suppressed);
        (await FindAsync("b")).State.ShouldBe(FindingState.Active);
        (await Stores.Findings.CountActiveByPolicyAsync(Some.Org, None)).ShouldBe(new Dictionary<string, long> { [Some.Public] = 1 });
        (await Stores.Summaries.CountFindingsAsync(Some.Org, null, None)).Where(c => c.N != 0).ShouldBe(
            [
                new FindingCount(Some.Public, SeverityBand.High, FindingState.Active, 1),
                new FindingCount(Some.Public, SeverityBand.High, FindingState.Suppressed, 1),
            ],
            ignoreOrder: true);
        (await PairsAsync()).ShouldBe(new PairCounts(1, 1, 0, 0, 0, 1));
        (await Stores.Exceptions.ListPendingAsync(None)).ShouldBeEmpty();
        var pairs = await Stores.Compliance.ListPairsAsync(
            Some.Org, AccountSelection.All, [new PairPolicy(Some.Public, 1, Some.BucketType, "s3")], null, new PageRequest(10), None);
        pairs.Items.Select(p => (p.Arn, p.Verdict)).ShouldBe(
            [(Some.ArnOf("a"), PairVerdict.Excepted), (Some.ArnOf("b"), PairVerdict.Fail), (Some.ArnOf("c"), PairVerdict.Pass)]);
        (await Stores.Compliance.ListPairsAsync(
            Some.Org, AccountSelection.All, [new PairPolicy(Some.Public, 1, Some.BucketType, "s3")], PairVerdict.Excepted, new PageRequest(10), None))
            .Items.Single().Arn.ShouldBe(Some.ArnOf("a"));
    }

    [Fact]
    public async Task A_resource_that_passes_resolves_its_finding_and_one_that_fails_again_is_suppressed_again()
    {
        var exception = await AddAsync(Some.Exception());
        await FailAsync("a", at: 10);
        await PassesAsync("a", at: 20);
        var resolved = await FindAsync("a");
        (resolved.State, resolved.ResolvedReason, resolved.ExceptionId).ShouldBe((FindingState.Resolved, ResolvedReason.Compliant, null));
        (await HeldAsync(exception)).ShouldBe(0);

        await FailAsync("a", at: 30);

        (await FindAsync("a")).State.ShouldBe(FindingState.Suppressed);
        (await FindAsync("a")).FirstSeen.ShouldBe(Some.At(11));
        (await HeldAsync(exception)).ShouldBe(1);
    }

    [Fact]
    public async Task An_unknown_verdict_leaves_a_suppressed_finding_and_counts_as_unknown()
    {
        await AddAsync(Some.Exception());
        await FailAsync("a", at: 10);

        await EvaluateAsync("a", 20, Some.IsUnknown());

        (await FindAsync("a")).State.ShouldBe(FindingState.Suppressed);
        (await PairsAsync()).ShouldBe(new PairCounts(0, 0, 1, 0, 0));
    }

    [Theory]
    [InlineData(false, FindingState.Suppressed)]
    [InlineData(true, FindingState.Active)]
    public async Task Changed_evidence_ends_an_exception_only_if_it_says_so(bool untilChanged, FindingState expected)
    {
        await FailAsync("a", at: 10);
        await AddAsync(Some.Exception(untilChanged: untilChanged));
        await PassAsync();
        (await FindAsync("a")).State.ShouldBe(FindingState.Suppressed);

        await FailAsync("a", at: 20); // the same evidence
        (await FindAsync("a")).State.ShouldBe(FindingState.Suppressed);
        await FailAsync("a", at: 30, evidence: """{"violation":"another"}""");
        (await FindAsync("a")).State.ShouldBe(expected);

        await FailAsync("a", at: 40); // what was accepted once was given up
        (await FindAsync("a")).State.ShouldBe(expected);
        await PassAsync();
        (await FindAsync("a")).State.ShouldBe(expected);
    }

    [Fact]
    public async Task An_exception_that_covers_the_rest_takes_over()
    {
        var first = await AddAsync(Some.Exception(at: 1));
        var second = await AddAsync(Some.Exception(policyId: null, arn: "arn:aws:s3:::a*", at: 2));
        await FailAsync("a", at: 10);
        await FailAsync("b", at: 10);
        (await HeldAsync(first), await HeldAsync(second)).ShouldBe((2, 0));

        await Stores.Exceptions.RemoveAsync(Some.Org, first.ExceptionId, _clock.Now, None);
        await PassAsync();

        (await HeldAsync(first), await HeldAsync(second)).ShouldBe((0, 1));
        (await FindAsync("a")).Transitions.Count.ShouldBe(1, "it was suppressed all the time");
        (await FindAsync("b")).State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task An_exception_by_tag_does_not_apply_to_a_resource_whose_tags_are_not_known()
    {
        await AddAsync(Some.Exception(policyId: null, tag: ("Team", "web")));
        await EvaluateAsync("tagged", 10, Some.Fails(), new Dictionary<string, string> { ["Team"] = "web" });
        await EvaluateAsync("other", 10, Some.Fails(), new Dictionary<string, string> { ["Team"] = "data" });
        await EvaluateAsync("unread", 10, Some.Fails(), tags: null);
        await PassAsync();

        (await FindAsync("tagged")).State.ShouldBe(FindingState.Suppressed);
        (await FindAsync("other")).State.ShouldBe(FindingState.Active);
        (await FindAsync("unread")).State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task An_interrupted_pass_is_completed_and_nothing_is_released_too_early()
    {
        foreach (var name in (string[])["a", "b", "c"])
        {
            await FailAsync(name, at: 10);
        }

        var exception = await AddAsync(Some.Exception());
        // A pass that ends after its first transaction.
        await Stores.Exceptions.ReconsiderAsync(Some.Org, [new FindingIdentity(Some.S3, Some.ArnOf("a"), Some.Public)], _clock.Now, None);
        (await Stores.Exceptions.ReleaseAsync(Some.Org, exception.ExceptionId, _clock.Now, 10, None)).ShouldBe(0, "the exception is in force");
        (await HeldAsync(exception)).ShouldBe(1);
        await PassAsync();
        (await HeldAsync(exception)).ShouldBe(3);

        await Stores.Exceptions.RemoveAsync(Some.Org, exception.ExceptionId, _clock.Now, None);
        (await Stores.Exceptions.ReleaseAsync(Some.Org, exception.ExceptionId, _clock.Now, 1, None)).ShouldBe(1);
        (await Stores.Exceptions.ListPendingAsync(None)).Single().ExceptionId.ShouldBe(exception.ExceptionId);
        await FailAsync("c", at: 20); // the write gate does not wait for the pass
        (await FindAsync("c")).State.ShouldBe(FindingState.Active);
        await PassAsync();

        (await HeldAsync(exception)).ShouldBe(0);
        (await Stores.Findings.CountActiveByPolicyAsync(Some.Org, None))[Some.Public].ShouldBe(3);
    }

    [Fact]
    public async Task An_exception_that_was_removed_while_it_was_applied_stays_pending()
    {
        var exception = await AddAsync(Some.Exception());
        await Stores.Exceptions.RemoveAsync(Some.Org, exception.ExceptionId, _clock.Now, None);

        await Stores.Exceptions.SettleAsync(exception, None); // by the pass that began before

        (await Stores.Exceptions.ListPendingAsync(None)).Single().Status.ShouldBe(ExceptionStatus.Removed);
    }

    [Fact]
    public async Task An_exception_ends_when_it_expires_and_is_announced_once()
    {
        var exception = await AddAsync(Some.Exception() with { ExpiresAt = _clock.Now.AddDays(20) });
        await FailAsync("a", at: 10);
        (await Stores.Exceptions.TakeExpiringAsync(_clock.Now.AddDays(14), None)).ShouldBeEmpty();
        (await Stores.Exceptions.TakeExpiringAsync(_clock.Now.AddDays(21), None)).Single().ExceptionId.ShouldBe(exception.ExceptionId);
        (await Stores.Exceptions.TakeExpiringAsync(_clock.Now.AddDays(21), None)).ShouldBeEmpty();

        _clock.Advance(TimeSpan.FromDays(20) - TimeSpan.FromMilliseconds(1));
        await PassAsync();
        (await FindAsync("a")).State.ShouldBe(FindingState.Suppressed);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await PassAsync();

        (await FindAsync("a")).State.ShouldBe(FindingState.Active);
        var ended = (await Stores.Exceptions.FindAsync(Some.Org, exception.ExceptionId, None))!;
        (ended.Status, ended.EndedAt, ended.IsPending).ShouldBe((ExceptionStatus.Expired, exception.ExpiresAt, false));
    }

    [Fact]
    public async Task A_policy_that_is_stopped_resolves_suppressed_findings_too()
    {
        var exception = await AddAsync(Some.Exception(arn: Some.ArnOf("a")));
        await FailAsync("a", at: 10);
        await FailAsync("b", at: 10);
        await Stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Some.At(50), None);

        (await Stores.Findings.ListUnresolvedPoliciesAsync(Some.Org, None)).ShouldBe([Some.Public]);
        (await Stores.Findings.ResolvePolicyAsync(Some.Org, Some.Public, ResolvedReason.PolicySuspended, Some.At(51), 1, None)).ShouldBe(1);
        (await Stores.Findings.ListUnresolvedPoliciesAsync(Some.Org, None)).ShouldBe([Some.Public]);
        (await Stores.Findings.ResolvePolicyAsync(Some.Org, Some.Public, ResolvedReason.PolicySuspended, Some.At(51), 5, None)).ShouldBe(1);

        (await FindAsync("a")).State.ShouldBe(FindingState.Resolved);
        (await HeldAsync(exception)).ShouldBe(0);
        (await Stores.Findings.ListUnresolvedPoliciesAsync(Some.Org, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Exceptions_of_another_organization_hold_nothing_and_are_not_found()
    {
        var foreign = await AddAsync(Some.Exception(organization: "other"));
        await FailAsync("a", at: 10);
        await PassAsync();

        (await FindAsync("a")).State.ShouldBe(FindingState.Active);
        (await Stores.Exceptions.FindAsync(Some.Org, foreign.ExceptionId, None)).ShouldBeNull();
        (await Stores.Exceptions.RemoveAsync(Some.Org, foreign.ExceptionId, _clock.Now, None)).ShouldBeNull();
        (await Stores.Exceptions.ListAsync(Some.Org, new ExceptionFilter(null, null, null, null), new PageRequest(10), None)).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_list_is_filtered_and_paged_and_there_is_a_limit()
    {
        var all = await AddAsync(Some.Exception(at: 1));
        var one = await AddAsync(Some.Exception(at: 2, accounts: Some.AccountId));
        var other = await AddAsync(Some.Exception(Some.Unversioned, at: 3, accounts: Some.OtherAccountId));
        async Task<List<string>> ListAsync(ExceptionFilter filter, PageRequest? page = null) =>
            [.. (await Stores.Exceptions.ListAsync(Some.Org, filter, page ?? new PageRequest(10), None)).Items.Select(e => e.ExceptionId)];

        (await ListAsync(new ExceptionFilter(null, null, null, null))).ShouldBe([other.ExceptionId, one.ExceptionId, all.ExceptionId]);
        (await ListAsync(new ExceptionFilter(Some.Unversioned, null, null, null))).ShouldBe([other.ExceptionId]);
        (await ListAsync(new ExceptionFilter(null, Some.AccountId, null, null))).ShouldBe([one.ExceptionId, all.ExceptionId]);
        (await ListAsync(new ExceptionFilter(null, null, ExceptionStatus.Removed, null))).ShouldBeEmpty();
        (await ListAsync(new ExceptionFilter(null, null, null, Some.At(2).AddDays(10)))).ShouldBe([all.ExceptionId]);
        (await ListAsync(new ExceptionFilter(null, null, null, null), new PageRequest(1, [other.ExceptionId]))).ShouldBe([one.ExceptionId]);
        (await Stores.Exceptions.AddAsync([Some.Exception(at: 4)], most: 3, None)).ShouldBeFalse();
        (await ListAsync(new ExceptionFilter(null, null, null, null))).Count.ShouldBe(3);
    }

    private async Task<FindingException> AddAsync(FindingException exception)
    {
        (await Stores.Exceptions.AddAsync([exception], most: 100, None)).ShouldBeTrue();
        return exception;
    }

    private Task PassAsync() => new ExceptionPasses(
        Stores.Exceptions, Stores.Findings, new ExceptionSettings(), _clock, NullLogger<ExceptionPasses>.Instance).RunAsync(None);

    private Task FailAsync(string name, double at = 0, string evidence = """{"violation":true}""") => EvaluateAsync(name, at, Some.Fails(evidence: evidence));

    private Task PassesAsync(string name, double at = 0) => EvaluateAsync(name, at, Some.Passes());

    private Task EvaluateAsync(string name, double at, EvaluatedPolicy verdict) => EvaluateAsync(name, at, verdict, new Dictionary<string, string>());

    private async Task EvaluateAsync(string name, double at, EvaluatedPolicy verdict, IReadOnlyDictionary<string, string>? tags)
    {
        var bucket = Some.Bucket(name, at, $$"""{"at":{{at}}}""") with { Tags = tags };
        await Stores.Resources.WriteAsync(Some.Org, [bucket], bucket.DescribeTime, None);
        (await Stores.Findings.ApplyAsync(Some.Org, [Some.Evaluated(bucket, verdict)], "scan", None)).Outcomes.ShouldBe([ApplyOutcome.Applied]);
    }

    private async Task<Finding> FindAsync(string name) => (await Stores.Findings.FindAsync(Some.Org, Some.S3, Some.ArnOf(name), Some.Public, None))!;

    private async Task<long> HeldAsync(FindingException exception) =>
        (await Stores.Exceptions.CountFindingsAsync(Some.Org, [exception.ExceptionId], None)).GetValueOrDefault(exception.ExceptionId);

    private async Task<PairCounts> PairsAsync() => (await Stores.Compliance.ReadTotalsAsync(Some.Org, AccountSelection.All, None)).Policies[Some.Public];
}
