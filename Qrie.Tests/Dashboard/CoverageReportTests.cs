using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Tests.Catalog;
using Qrie.Tests.Support;

namespace Qrie.Tests.Dashboard;

public sealed class CoverageReportTests
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(8);

    [Theory]
    [InlineData(ListOutcome.Complete, 8, null)]
    [InlineData(ListOutcome.Complete, 9, StaleReason.TooOld)]
    [InlineData(ListOutcome.Failed, 0, StaleReason.Failed)]
    [InlineData(ListOutcome.Denied, 9, StaleReason.Failed)]
    [InlineData(ListOutcome.Incomplete, 0, StaleReason.Failed)]
    [InlineData(ListOutcome.NotAvailable, 9, null)]
    public void A_list_is_stale_if_it_failed_or_is_too_old(ListOutcome outcome, int days, StaleReason? why)
    {
        var list = Some.Coverage() with { Outcome = outcome };

        StaleList.Among([list], Some.Noon.AddDays(days), MaxAge).ShouldBe(why is { } reason ? [new StaleList(list, reason)] : []);
    }

    [Fact]
    public void A_list_that_was_never_read_completely_is_stale() =>
        StaleList.Among([Some.Coverage() with { Outcome = ListOutcome.Failed, LastSuccessAt = null }], Some.Noon, MaxAge).Count().ShouldBe(1);

    [Fact]
    public void Pairs_without_a_verdict_are_summed_up_largest_first()
    {
        VerdictCount[] verdicts =
        [
            new("1", "s3", "A", Verdict.Unknown, "Acl", "AccessDenied", 2), new("2", "iam", "B", Verdict.Unknown, "Policy", "AccessDenied", 3),
            new("1", "s3", "B", Verdict.Unknown, null, "SCOPE_UNKNOWN", 4), new("1", "s3", "A", Verdict.Pass, null, null, 100),
        ];

        UnknownGroup.By(verdicts, v => v.ErrorCode).ShouldBe([new("AccessDenied", 5), new("SCOPE_UNKNOWN", 4)]);
        UnknownGroup.By(verdicts, v => v.Attribute).ShouldBe([new("Policy", 3), new("Acl", 2)]);
        UnknownGroup.By(verdicts, v => v.Service).ShouldBe([new("s3", 6), new("iam", 3)]);
    }

    [Fact]
    public void Configured_regions_that_were_never_read_are_listed()
    {
        Domain.Accounts.Account[] accounts =
        [
            Some.Account() with { KnownRegions = ["us-east-1", "eu-west-1"] },
            Some.Account(Some.OtherAccountId) with { Regions = ["eu-north-1"], KnownRegions = ["us-east-1"] },
            Some.Account("000000000001") with { KnownRegions = ["us-east-1"] },
            Some.Account("000000000002") with { KnownRegions = ["us-east-1"], Services = ["iam"] },
        ];
        Coverage[] lists =
        [
            Some.Coverage(region: "eu-west-1") with { Outcome = ListOutcome.Denied }, Some.Coverage(Some.OtherAccountId), Some.Coverage("000000000002"),
        ];

        NeverScanned.Accounts(accounts, lists).ShouldBe(["000000000001"]);
        NeverScanned.Regions(accounts, lists, ShippedCatalog.Instance).ShouldBe([new(Some.AccountId, "us-east-1"), new(Some.OtherAccountId, "eu-north-1")]);
    }
}
