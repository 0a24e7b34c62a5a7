using Qrie.Domain.Catalog;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Sums by account and overall. Their correctness after any history is tested by <see cref="CountsContract"/>.</summary>
public abstract class SummaryContract : StoreContract
{
    private static readonly DateOnly Week = Periods.WeekOf(Some.Noon);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId), None);
        await Stores.Policies.LaunchAsync(Some.Policy(), None);
        await Stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), None);
    }

    [Fact]
    public async Task Findings_are_counted_by_policy_band_and_state_of_one_account_or_all()
    {
        await FailAsync("a", Some.AccountId, severity: 95);
        await FailAsync("b", Some.AccountId, severity: 60);
        await FailAsync("c", Some.OtherAccountId, severity: 60);

        (await Stores.Summaries.CountFindingsAsync(Some.Org, null, None)).ShouldBe(
            [new FindingCount(Some.Public, SeverityBand.Critical, FindingState.Active, 1),
                new FindingCount(Some.Public, SeverityBand.High, FindingState.Active, 2)],
            ignoreOrder: true);
        (await Stores.Summaries.CountFindingsAsync(Some.Org, Some.OtherAccountId, None))
            .ShouldBe([new FindingCount(Some.Public, SeverityBand.High, FindingState.Active, 1)]);
        (await Stores.Summaries.CountFindingsAsync(Some.Org, "000000000000", None)).ShouldBeEmpty();
        (await Stores.Summaries.CountFindingsAsync("another", null, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_resource_with_several_findings_is_counted_once_as_non_compliant()
    {
        await FailAsync("a", Some.AccountId, policies: [Some.Public, Some.Unversioned]);
        await Stores.Resources.WriteAsync(Some.Org, [Some.Bucket("b")], Some.Noon, None);

        (await ResourcesAsync()).Services.ShouldBe([new ServiceCount("s3", 2, 1)]);
        await Stores.Policies.SetStatusAsync(Some.Org, Some.Public, Domain.Policies.PolicyStatus.Suspended, Some.At(5), None);
        await Stores.Findings.ResolvePolicyAsync(Some.Org, Some.Public, ResolvedReason.PolicySuspended, Some.At(5), 10, None);
        (await ResourcesAsync()).Services.ShouldBe([new ServiceCount("s3", 2, 1)]);
        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("a", 10)], Some.At(10), None);
        (await ResourcesAsync()).Services.ShouldBe([new ServiceCount("s3", 1, 0)]);
    }

    [Fact]
    public async Task Data_of_a_removed_account_is_not_included_in_sums_until_it_is_restored()
    {
        await FailAsync("a", Some.AccountId);
        await FailAsync("b", Some.OtherAccountId);

        await Stores.RemoveAccountAsync(Some.Org, Some.OtherAccountId);

        var without = await DashboardAsync();
        (without.Resources.Services.Single(), without.Resources.Accounts, without.Resources.Findings.Sum(c => c.N))
            .ShouldBe((new ServiceCount("s3", 1, 1), 1, 1L));
        without.Changes.ShouldBe([new PeriodCount(FindingChange.New, Week, 1)]);
        (await Stores.Summaries.CountFindingsAsync(Some.Org, Some.OtherAccountId, None)).ShouldBeEmpty();
        (await Stores.Summaries.CountResourcesAsync(Some.Org, Some.OtherAccountId, None)).Services.ShouldBeEmpty();

        await Stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId), None);
        var back = await DashboardAsync();
        (back.Resources.Services.Single(), back.Resources.Accounts, back.Changes.Single())
            .ShouldBe((new ServiceCount("s3", 2, 2), 2, new PeriodCount(FindingChange.New, Week, 2)));
    }

    [Fact]
    public async Task Changes_before_the_requested_weeks_and_months_are_omitted()
    {
        await FailAsync("a", Some.AccountId);
        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("a", 10)], Some.At(10), None);
        var month = new DateOnly(2026, 11, 1);

        (await Stores.Summaries.ReadDashboardAsync(Some.Org, Week, month, None)).Changes.Select(c => (c.Change, c.Period)).ShouldBe(
            [(FindingChange.New, Week), (FindingChange.Closed, Week), (FindingChange.Resolved, month)], ignoreOrder: true);
        (await Stores.Summaries.ReadDashboardAsync(Some.Org, Week.AddDays(7), month, None)).Changes.Select(c => c.Change).ShouldBe([FindingChange.Resolved]);
        (await Stores.Summaries.ReadDashboardAsync(Some.Org, Week, month.AddMonths(1), None)).Changes.Select(c => c.Change)
            .ShouldBe([FindingChange.New, FindingChange.Closed], ignoreOrder: true);
    }

    [Fact]
    public async Task The_severity_of_the_first_finding_is_found_in_any_state()
    {
        await FailAsync("a", Some.AccountId, severity: 33);
        await FailAsync("b", Some.AccountId, at: 20, severity: 77);
        (await FirstAsync()).ShouldBe(33);

        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("a", 30)], Some.At(30), None);

        (await FirstAsync()).ShouldBe(33);
        (await Stores.Summaries.FindFirstSeveritiesAsync(Some.Org, ["Unheard"], None)).ShouldBeEmpty();
        async Task<int> FirstAsync() => (await Stores.Summaries.FindFirstSeveritiesAsync(Some.Org, [Some.Public], None))[Some.Public];
    }

    [Fact]
    public async Task The_dashboard_has_active_policies_and_accounts_without_inventory()
    {
        var month = Periods.MonthOf(Some.Noon);
        (await DashboardAsync(month)).Policies.ShouldBe(new PolicyCounts(2, 2));
        (await DashboardAsync(month.AddMonths(1))).Policies.ShouldBe(new PolicyCounts(2, 0));
        (await DashboardAsync(month)).NotInventoried.ShouldBe([Some.AccountId, Some.OtherAccountId], ignoreOrder: true);

        await Stores.Policies.SetStatusAsync(Some.Org, Some.Public, Domain.Policies.PolicyStatus.Suspended, Some.At(5), None);
        await Stores.Accounts.RecordInventoryAsync(Some.Org, Some.AccountId, "s3", Some.At(5), None);

        (await DashboardAsync(month)).Policies.ShouldBe(new PolicyCounts(1, 1));
        (await DashboardAsync(month)).NotInventoried.ShouldBe([Some.OtherAccountId]);
        await Stores.RemoveAccountAsync(Some.Org, Some.OtherAccountId);
        (await DashboardAsync(month)).NotInventoried.ShouldBeEmpty();
    }

    private Task<DashboardCounts> DashboardAsync(DateOnly month) => Stores.Summaries.ReadDashboardAsync(Some.Org, Week, month, None);

    private Task<ResourceCounts> ResourcesAsync() => Stores.Summaries.CountResourcesAsync(Some.Org, null, None);

    private Task<DashboardCounts> DashboardAsync() => Stores.Summaries.ReadDashboardAsync(Some.Org, Week, Week, None);

    private async Task FailAsync(string bucket, string account, double at = 0, int severity = 60, string[]? policies = null)
    {
        var resource = Some.Bucket(bucket, at, account: account);
        await Stores.Resources.WriteAsync(Some.Org, [resource], Some.At(at), None);
        var evaluated = Some.Evaluated(resource, [.. (policies ?? [Some.Public]).Select(p => Some.Fails(p, severity: severity))]);
        (await Stores.Findings.ApplyAsync(Some.Org, [evaluated], "scan-1", None)).Outcomes.ShouldBe([ApplyOutcome.Applied]);
    }
}
