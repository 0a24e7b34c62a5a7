using Qrie.Domain.Inventory;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

public abstract class CoverageStoreContract : StoreContract
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId), None);
    }

    [Fact]
    public async Task Coverage_is_returned_as_recorded()
    {
        var coverage = Some.Coverage() with
        {
            Outcome = ListOutcome.NotAvailable,
            ErrorCode = "OptInRequired",
            Message = "not subscribed",
            LastSuccessAt = null,
            Suspicious = true,
            ScanId = "scan-1",
        };

        await Stores.Coverage.RecordAsync(Some.Org, coverage, None);

        (await Stores.Coverage.ListAsync(Some.Org, null, None)).ShouldHaveSingleItem().ShouldBe(coverage);
    }

    [Fact]
    public async Task A_failure_keeps_the_last_success()
    {
        await Stores.Coverage.RecordAsync(Some.Org, Some.Coverage(), None);

        await Stores.Coverage.RecordAsync(
            Some.Org,
            Some.Coverage() with { Outcome = ListOutcome.Denied, ErrorCode = "AccessDenied", CheckedAt = Some.At(10), LastSuccessAt = null },
            None);

        var row = (await Stores.Coverage.ListAsync(Some.Org, null, None)).ShouldHaveSingleItem();
        (row.Outcome, row.ErrorCode, row.CheckedAt, row.LastSuccessAt).ShouldBe((ListOutcome.Denied, "AccessDenied", Some.At(10), Some.Noon));
    }

    [Fact]
    public async Task A_success_clears_the_previous_error()
    {
        await Stores.Coverage.RecordAsync(
            Some.Org, Some.Coverage() with { Outcome = ListOutcome.Failed, ErrorCode = "InternalError", Message = "oops", LastSuccessAt = null }, None);

        await Stores.Coverage.RecordAsync(Some.Org, Some.Coverage() with { CheckedAt = Some.At(10), LastSuccessAt = Some.At(10) }, None);

        (await Stores.Coverage.ListAsync(Some.Org, null, None)).ShouldHaveSingleItem()
            .ShouldBe(Some.Coverage() with { CheckedAt = Some.At(10), LastSuccessAt = Some.At(10) });
    }

    [Fact]
    public async Task An_earlier_check_does_not_replace_a_later_one()
    {
        await Stores.Coverage.RecordAsync(Some.Org, Some.Coverage() with { CheckedAt = Some.At(10), LastSuccessAt = Some.At(10) }, None);

        await Stores.Coverage.RecordAsync(
            Some.Org, Some.Coverage() with { Outcome = ListOutcome.Failed, CheckedAt = Some.At(5), LastSuccessAt = null }, None);

        (await Stores.Coverage.ListAsync(Some.Org, null, None)).ShouldHaveSingleItem().Outcome.ShouldBe(ListOutcome.Complete);
    }

    [Fact]
    public async Task A_success_recorded_late_still_counts_as_the_last_success()
    {
        await Stores.Coverage.RecordAsync(
            Some.Org, Some.Coverage() with { Outcome = ListOutcome.Failed, ErrorCode = "InternalError", CheckedAt = Some.At(10), LastSuccessAt = null }, None);

        await Stores.Coverage.RecordAsync(Some.Org, Some.Coverage() with { CheckedAt = Some.At(5), LastSuccessAt = Some.At(5) }, None);

        var row = (await Stores.Coverage.ListAsync(Some.Org, null, None)).ShouldHaveSingleItem();
        (row.Outcome, row.CheckedAt, row.LastSuccessAt).ShouldBe((ListOutcome.Failed, Some.At(10), Some.At(5)));
    }

    [Fact]
    public async Task The_list_is_ordered_by_account_service_type_and_region()
    {
        foreach (var coverage in new[]
        {
            Some.Coverage(Some.OtherAccountId),
            Some.Coverage(region: "us-east-1"),
            Some.Coverage(region: "eu-west-1"),
            Some.Coverage(type: "AWS::S3::AccessPoint"),
        })
        {
            await Stores.Coverage.RecordAsync(Some.Org, coverage, None);
        }

        (await Stores.Coverage.ListAsync(Some.Org, null, None)).Select(c => (c.AccountId, c.Type, c.Region)).ShouldBe(
        [
            (Some.AccountId, "AWS::S3::AccessPoint", "global"),
            (Some.AccountId, "AWS::S3::Bucket", "eu-west-1"),
            (Some.AccountId, "AWS::S3::Bucket", "us-east-1"),
            (Some.OtherAccountId, "AWS::S3::Bucket", "global"),
        ]);
        (await Stores.Coverage.ListAsync(Some.Org, Some.OtherAccountId, None)).ShouldHaveSingleItem().AccountId.ShouldBe(Some.OtherAccountId);
    }

    [Fact]
    public async Task Removed_accounts_and_other_organizations_are_omitted()
    {
        await Stores.Coverage.RecordAsync(Some.Org, Some.Coverage(), None);
        await Stores.Coverage.RecordAsync("another", Some.Coverage(), None);
        await Stores.Resources.WriteAsync(Some.Org, [Some.Bucket(unknown: Some.Denied("Acl"))], Some.Noon, None);
        await Stores.RemoveAccountAsync(Some.Org, Some.AccountId);

        (await Stores.Coverage.ListAsync(Some.Org, null, None)).ShouldBeEmpty();
        (await Stores.Coverage.ListAsync("another", null, None)).ShouldBeEmpty();
        (await Stores.Coverage.CountUnknownAttributesAsync(Some.Org, null, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Unknown_attributes_are_counted_by_code_largest_first()
    {
        await Stores.Resources.WriteAsync(
            Some.Org,
            [
                Some.Bucket("a", unknown: Some.Denied("Acl", "Policy")),
                Some.Bucket("b", unknown: Some.Denied("Policy")),
                Some.Bucket("c", unknown: new Dictionary<string, string> { ["Policy"] = "SlowDown" }),
                Some.Bucket("d"),
            ],
            Some.Noon, None);

        (await Stores.Coverage.CountUnknownAttributesAsync(Some.Org, null, None)).ShouldBe(
        [
            new UnknownAttributeCount(Some.AccountId, "s3", Some.BucketType, "Policy", "AccessDenied", 2),
            new UnknownAttributeCount(Some.AccountId, "s3", Some.BucketType, "Acl", "AccessDenied", 1),
            new UnknownAttributeCount(Some.AccountId, "s3", Some.BucketType, "Policy", "SlowDown", 1),
        ]);
        (await Stores.Coverage.CountUnknownAttributesAsync(Some.Org, Some.OtherAccountId, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_attribute_that_is_readable_again_is_not_counted()
    {
        await Stores.Resources.WriteAsync(Some.Org, [Some.Bucket(unknown: Some.Denied("Acl"))], Some.Noon, None);

        await Stores.Resources.WriteAsync(Some.Org, [Some.Bucket(at: 10)], Some.Noon, None);

        (await Stores.Coverage.CountUnknownAttributesAsync(Some.Org, null, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_deleted_resource_is_not_counted_even_if_deleted_repeatedly()
    {
        await Stores.Resources.WriteAsync(
            Some.Org, [Some.Bucket("a", unknown: Some.Denied("Acl")), Some.Bucket("b", unknown: Some.Denied("Acl"))], Some.Noon, None);

        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("a", 10), Some.Deletion("a", 11), Some.Deletion("a", 10)], Some.Noon, None);
        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("a", 12)], Some.Noon, None);

        (await Stores.Coverage.CountUnknownAttributesAsync(Some.Org, null, None)).ShouldHaveSingleItem().Resources.ShouldBe(1);
    }
}
