using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Reads of findings and evaluations: lists, counts, and pending evaluations.</summary>
public abstract class FindingListContract : StoreContract
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId), None);
        await Stores.Policies.LaunchAsync(Some.Policy(), None);
        await Stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), None);
    }

    [Fact]
    public async Task Findings_are_ordered_newest_first_then_by_arn_policy_and_account_service()
    {
        await EvaluatedAsync(Some.Bucket("old", at: 1), Some.Fails());
        await EvaluatedAsync(Some.Bucket("b", at: 2), Some.Fails());
        await EvaluatedAsync(Some.Bucket("a", at: 2), Some.Fails(Some.Unversioned), Some.Fails());
        await EvaluatedAsync(Some.Bucket("a", at: 2, account: Some.OtherAccountId), Some.Fails());

        (await ListAsync(new FindingFilter())).Select(f => (f.Arn, f.PolicyId, f.AccountService)).ShouldBe(
        [
            (Some.ArnOf("a"), Some.Public, Some.S3),
            (Some.ArnOf("a"), Some.Public, "444455556666_s3"),
            (Some.ArnOf("a"), Some.Unversioned, Some.S3),
            (Some.ArnOf("b"), Some.Public, Some.S3),
            (Some.ArnOf("old"), Some.Public, Some.S3),
        ]);
    }

    [Fact]
    public async Task Pages_have_no_gaps_and_no_duplicates()
    {
        for (var i = 0; i < 7; i++)
        {
            await EvaluatedAsync(Some.Bucket(Some.Numbered("b", i), at: i / 3), Some.Fails());
        }

        var pages = new List<Page<Finding>>();
        do
        {
            pages.Add(await Stores.Findings.ListAsync(
                Some.Org, new FindingFilter(), new PageRequest(2, pages.Count == 0 ? null : pages[^1].Next), None));
        }
        while (pages[^1].Next is not null);

        pages.Select(p => p.Items.Count).ShouldBe([2, 2, 2, 1]);
        pages.SelectMany(p => p.Items).Select(f => f.Arn[^1]).ShouldBe(['6', '3', '4', '5', '0', '1', '2']);
    }

    [Fact]
    public async Task Every_filter_restricts_the_list()
    {
        await EvaluatedAsync(Some.Bucket("a"), Some.Fails(severity: 90), Some.Fails(Some.Unversioned, severity: 50));
        await EvaluatedAsync(Some.Bucket("b", account: Some.OtherAccountId), Some.Fails(severity: 49));
        await EvaluatedAsync(Some.Bucket("c") with { Service = "ec2" }, Some.Fails(severity: 10));
        await EvaluatedAsync(Some.Bucket("a", at: 10, configuration: """{"v":2}"""), Some.Passes(), Some.Fails(Some.Unversioned, severity: 50));

        (await NamesAsync(new FindingFilter(AccountId: Some.OtherAccountId))).ShouldBe(["b S3BucketPublic"]);
        (await NamesAsync(new FindingFilter(Service: "ec2"))).ShouldBe(["c S3BucketPublic"]);
        (await NamesAsync(new FindingFilter(PolicyId: Some.Unversioned))).ShouldBe(["a S3BucketVersioningDisabled"]);
        (await NamesAsync(new FindingFilter(State: FindingState.Resolved))).ShouldBe(["a S3BucketPublic"]);
        (await NamesAsync(new FindingFilter(SeverityFrom: 50))).ShouldBe(["a S3BucketPublic", "a S3BucketVersioningDisabled"]);
        (await NamesAsync(new FindingFilter(SeverityFrom: 25, SeverityTo: 50))).ShouldBe(["a S3BucketVersioningDisabled", "b S3BucketPublic"]);
        (await NamesAsync(new FindingFilter(State: FindingState.Active, Service: "s3", PolicyId: Some.Public))).ShouldBe(["b S3BucketPublic"]);
    }

    [Fact]
    public async Task Removed_accounts_are_omitted_from_lists_and_counts()
    {
        await EvaluatedAsync(Some.Bucket("a"), Some.Fails());
        await EvaluatedAsync(Some.Bucket("b", account: Some.OtherAccountId), Some.Fails());

        await Stores.RemoveAccountAsync(Some.Org, Some.AccountId);

        (await NamesAsync(new FindingFilter())).ShouldBe(["b S3BucketPublic"]);
        (await Stores.Findings.CountActiveByPolicyAsync(Some.Org, None)).ShouldBe(new Dictionary<string, long> { [Some.Public] = 1 });
        (await Stores.Findings.CountVerdictsAsync(Some.Org, null, None)).ShouldHaveSingleItem().AccountId.ShouldBe(Some.OtherAccountId);
    }

    [Fact]
    public async Task Organizations_are_isolated()
    {
        await EvaluatedAsync(Some.Bucket("a"), Some.Fails());

        (await Stores.Findings.ListAsync("another", new FindingFilter(), new PageRequest(10), None)).Items.ShouldBeEmpty();
        (await Stores.Findings.FindAsync("another", Some.S3, Some.ArnOf("a"), Some.Public, None)).ShouldBeNull();
        (await Stores.Findings.FindEvaluationAsync("another", Some.S3, Some.ArnOf("a"), None)).ShouldBeNull();
        (await Stores.Findings.CountActiveByPolicyAsync("another", None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Verdicts_are_counted_by_kind_and_unknown_ones_by_reason()
    {
        await EvaluatedAsync(Some.Bucket("a"), Some.Fails(), Some.IsUnknown(Some.Unversioned, attribute: "Versioning"));
        await EvaluatedAsync(Some.Bucket("b"), Some.Passes(), Some.IsUnknown(Some.Unversioned, attribute: "Versioning"));
        await EvaluatedAsync(Some.Bucket("c"), Some.Fails(), Some.LeftOut(Some.Unversioned));
        await EvaluatedAsync(Some.Bucket("d", account: Some.OtherAccountId), Some.NotApplicable());

        (await Stores.Findings.CountVerdictsAsync(Some.Org, null, None)).ShouldBe(
        [
            new VerdictCount(Some.AccountId, "s3", Some.Public, Verdict.Fail, null, null, 2),
            new VerdictCount(Some.AccountId, "s3", Some.Public, Verdict.Pass, null, null, 1),
            new VerdictCount(Some.AccountId, "s3", Some.Unversioned, Verdict.Unknown, "Versioning", "AccessDenied", 2),
            new VerdictCount(Some.OtherAccountId, "s3", Some.Public, Verdict.NotApplicable, null, null, 1),
        ]);
        (await Stores.Findings.CountVerdictsAsync(Some.Org, Some.OtherAccountId, None)).ShouldHaveSingleItem().Verdict.ShouldBe(Verdict.NotApplicable);
        (await Stores.Summaries.CountVerdictsAsync(Some.Org, null, None)).ShouldBe(
            new Dictionary<Verdict, long> { [Verdict.Fail] = 2, [Verdict.Pass] = 1, [Verdict.Unknown] = 2, [Verdict.NotApplicable] = 1 }, ignoreOrder: true);
        (await Stores.Summaries.CountVerdictsAsync(Some.Org, Some.OtherAccountId, None)).ShouldBe(
            new Dictionary<Verdict, long> { [Verdict.NotApplicable] = 1 });
        (await Stores.Summaries.CountVerdictsAsync("another", null, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Verdicts_of_an_earlier_revision_are_not_counted()
    {
        await EvaluatedAsync(Some.Bucket("a"), Some.Fails());
        await Stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Some.Noon, None);
        await Stores.Policies.LaunchAsync(Some.Policy(), None);

        (await Stores.Findings.CountVerdictsAsync(Some.Org, null, None)).ShouldBeEmpty();

        await EvaluatedAsync(Some.Bucket("a", at: 5), Some.Passes(revision: 3));
        (await Stores.Findings.CountVerdictsAsync(Some.Org, null, None)).ShouldBe(
            [new VerdictCount(Some.AccountId, "s3", Some.Public, Verdict.Pass, null, null, 1)]);
    }

    [Fact]
    public async Task The_last_evaluation_of_an_active_finding_is_that_of_the_last_full_policy_scan()
    {
        await EvaluatedAsync(Some.Bucket("a"), Some.Fails());
        await Stores.Findings.RecordEvaluatedAsync(Some.Org, Some.S3, Some.EvaluatedUnit(Some.At(500), Some.Public), None);
        await Stores.Findings.RecordEvaluatedAsync(Some.Org, Some.S3, Some.EvaluatedUnit(Some.At(400), Some.Public), None);
        await Stores.Findings.RecordEvaluatedAsync(Some.Org, Some.S3, Some.EvaluatedUnit(Some.At(900), Some.Unversioned), None);

        (await ListAsync(new FindingFilter())).Single().LastEvaluated.ShouldBe(Some.At(500));
        (await Stores.Findings.FindAsync(Some.Org, Some.S3, Some.ArnOf("a"), Some.Public, None))!.LastEvaluated.ShouldBe(Some.At(500));
    }

    [Fact]
    public async Task An_active_finding_evaluated_after_that_keeps_its_own_time()
    {
        await Stores.Findings.RecordEvaluatedAsync(Some.Org, Some.S3, Some.EvaluatedUnit(Some.At(5), Some.Public), None);
        await EvaluatedAsync(Some.Bucket("a", at: 9), Some.Fails());

        (await ListAsync(new FindingFilter())).Single().LastEvaluated.ShouldBe(Some.At(10));
    }

    [Fact]
    public async Task The_last_evaluation_of_a_resolved_finding_is_its_resolution()
    {
        await EvaluatedAsync(Some.Bucket("a"), Some.Fails());
        await EvaluatedAsync(Some.Bucket("a", at: 10, configuration: """{"v":2}"""), Some.Passes());
        await Stores.Findings.RecordEvaluatedAsync(Some.Org, Some.S3, Some.EvaluatedUnit(Some.At(500), Some.Public), None);

        (await ListAsync(new FindingFilter())).Single().LastEvaluated.ShouldBe(Some.At(11));
    }

    private async Task WriteAsync(CollectedResource resource) => await Stores.Resources.WriteAsync(Some.Org, [resource], resource.DescribeTime, None);

    private async Task EvaluatedAsync(CollectedResource resource, params EvaluatedPolicy[] policies)
    {
        await WriteAsync(resource);
        (await Stores.Findings.ApplyAsync(Some.Org, [Some.Evaluated(resource, policies)], "scan-1", None)).Outcomes.ShouldBe([ApplyOutcome.Applied]);
    }

    private async Task<IReadOnlyList<Finding>> ListAsync(FindingFilter filter) =>
        (await Stores.Findings.ListAsync(Some.Org, filter, new PageRequest(100), None)).Items;

    private async Task<IEnumerable<string>> NamesAsync(FindingFilter filter) =>
        (await ListAsync(filter)).Select(f => $"{f.Arn.Split(':')[^1]} {f.PolicyId}");
}
