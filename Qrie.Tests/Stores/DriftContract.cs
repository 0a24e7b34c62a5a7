using Qrie.Domain.Dashboard;
using Qrie.Domain.Inventory;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Drift recorded by anti-entropy inventories.</summary>
public abstract class DriftContract : StoreContract
{
    private const string Scan = "scan-1";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId), None);
        await Stores.Resources.WriteAsync(Some.Org, [Some.Bucket("a", 0, """{"Acl":1,"Policy":[1,2]}"""), Some.Bucket("b"), Some.Bucket("c")], Some.Noon, None);
        await Stores.Coverage.RecordAsync(Some.Org, Some.Coverage(), None);
    }

    [Fact]
    public async Task Created_changed_and_deleted_resources_are_counted_by_account_region_and_type()
    {
        await WriteAsync(Some.Bucket("a", 10, """{"Acl":2,"Policy":[2,1],"Logging":{}}"""), Some.Bucket("d", 10));
        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("c", 20)], Some.At(20), Scan, None);

        (await ByAccountAsync()).ShouldBe([new AccountDrift(Some.AccountId, 1, 1, 1)]);
        (await Stores.Drift.CountByTypeAsync(Some.Org, Scan, Some.AccountId, None)).ShouldBe([new TypeDrift(Regions.Global, Some.BucketType, 1, 1, 1)]);
        (await Stores.Drift.CountByTypeAsync(Some.Org, Scan, Some.OtherAccountId, None)).ShouldBeEmpty();
        (await SamplesAsync()).Select(s => (s.Arn, s.AccountService, s.Change, s.Type, s.Region, s.FoundAt, string.Join(' ', s.Attributes))).ShouldBe(
            [
                (Some.ArnOf("a"), Some.S3, DriftChange.Changed, Some.BucketType, "eu-west-1", Some.At(10), "Acl Logging"),
                (Some.ArnOf("d"), Some.S3, DriftChange.Created, Some.BucketType, "eu-west-1", Some.At(10), ""),
                (Some.ArnOf("c"), Some.S3, DriftChange.Deleted, Some.BucketType, "eu-west-1", Some.At(20), ""),
            ]);
    }

    [Fact]
    public async Task Changes_found_by_other_scans_are_not_drift()
    {
        await Stores.Resources.WriteAsync(Some.Org, [Some.Bucket("d", 10)], Some.At(10), None);
        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("c", 20)], Some.At(20), None);
        await WriteAsync(Some.Bucket("a", 30, """{"Acl":1,"Policy":[1,2]}"""), Some.Bucket("d", 30));

        (await ByAccountAsync()).ShouldBeEmpty();
        (await SamplesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_first_complete_list_is_a_baseline_without_drift()
    {
        await Stores.Coverage.RecordAsync(Some.Org, Some.Coverage(Some.OtherAccountId) with { Outcome = ListOutcome.Incomplete, LastSuccessAt = null }, None);
        await WriteAsync(
            Some.Bucket("x", 10, account: Some.OtherAccountId), Some.Bucket("y", 10) with { Type = "AWS::S3::Other" },
            Some.Bucket("z", 10) with { ListedIn = "eu-west-1" });
        await WriteAsync(Some.Bucket("x", 20, """{"v":2}""", account: Some.OtherAccountId));
        (await ByAccountAsync()).ShouldBeEmpty();

        await Stores.Coverage.RecordAsync(Some.Org, Some.Coverage(Some.OtherAccountId), None);
        await WriteAsync(Some.Bucket("x", 30, """{"v":3}""", account: Some.OtherAccountId));
        (await ByAccountAsync()).ShouldBe([new AccountDrift(Some.OtherAccountId, 0, 1, 0)]);
    }

    [Fact]
    public async Task Attributes_unknown_before_or_now_are_not_drift()
    {
        await WriteAsync(Some.Bucket("a", 10, """{"Policy":[1,2],"_unknown":{"Acl":"AccessDenied"}}""", Some.Denied("Acl")));
        await WriteAsync(Some.Bucket("a", 20, """{"Acl":7,"Policy":[1,2]}"""));
        (await ByAccountAsync()).ShouldBeEmpty();

        await WriteAsync(Some.Bucket("a", 30, """{"Policy":[1],"_unknown":{"Acl":"AccessDenied"}}""", Some.Denied("Acl")));
        (await SamplesAsync()).Single().Attributes.ShouldBe(["Policy"]);
    }

    [Fact]
    public async Task Tags_alone_are_drift()
    {
        var bucket = Some.Bucket("a", 10, """{"Policy":[1,2],"_unknown":{"Acl":"AccessDenied"}}""", Some.Denied("Acl"));
        await WriteAsync(bucket with { Hash = "2", Tags = new Dictionary<string, string> { ["Team"] = "web" } });
        await WriteAsync(bucket with { Hash = "3", DescribeTime = Some.At(20), Tags = new Dictionary<string, string> { ["Team"] = "data" } });

        (await SamplesAsync())[0].Attributes.ShouldBe(["Tags"]);
    }

    [Fact]
    public async Task Volatile_attributes_are_not_drift()
    {
        await WriteAsync(
            Some.Bucket("a", 10, """{"LastUsed":5,"Policy":[1,2],"_unknown":{"Acl":"AccessDenied"}}""", Some.Denied("Acl")) with { Volatile = ["LastUsed"] });

        (await ByAccountAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_restarted_unit_counts_nothing_twice()
    {
        CollectedResource[] found = [Some.Bucket("a", 10, """{"Acl":2}"""), Some.Bucket("d", 10)];
        await WriteAsync(found);
        await WriteAsync(found);
        await WriteAsync([.. found.Select(r => r with { DescribeTime = Some.At(20) })]);
        foreach (var at in new[] { 30, 40 })
        {
            await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("c", at)], Some.At(at), Scan, None);
        }

        (await ByAccountAsync()).ShouldBe([new AccountDrift(Some.AccountId, 1, 1, 1)]);
    }

    [Fact]
    public async Task A_duplicate_resource_in_a_batch_counts_once()
    {
        await WriteAsync(Some.Bucket("d", 10), Some.Bucket("d", 11, """{"v":2}"""));

        (await ByAccountAsync()).ShouldBe([new AccountDrift(Some.AccountId, 1, 0, 0)]);
    }

    [Fact]
    public async Task All_drift_is_counted_and_a_sample_is_stored()
    {
        foreach (var batch in Enumerable.Range(0, 50).Chunk(15))
        {
            await WriteAsync([.. batch.Select(i => Some.Bucket(Some.Numbered("new-", i), 10))]);
        }

        (await ByAccountAsync()).ShouldBe([new AccountDrift(Some.AccountId, 50, 0, 0)]);
        (await SamplesAsync()).Select(s => s.Arn).ShouldBe(Enumerable.Range(0, 20).Select(i => Some.ArnOf(Some.Numbered("new-", i))));
    }

    [Fact]
    public async Task Accounts_are_ordered_by_drift_and_removed_ones_are_omitted()
    {
        await Stores.Coverage.RecordAsync(Some.Org, Some.Coverage(Some.OtherAccountId), None);
        await WriteAsync(Some.Bucket("x", 10), Some.Bucket("y", 10, account: Some.OtherAccountId), Some.Bucket("z", 10, account: Some.OtherAccountId));
        (await ByAccountAsync()).Select(a => a.AccountId).ShouldBe([Some.OtherAccountId, Some.AccountId]);

        await Stores.RemoveAccountAsync(Some.Org, Some.OtherAccountId);

        (await ByAccountAsync()).Select(a => a.AccountId).ShouldBe([Some.AccountId]);
        (await SamplesAsync()).Select(s => s.Arn).ShouldBe([Some.ArnOf("x")]);
        (await Stores.Drift.CountByTypeAsync(Some.Org, Scan, Some.OtherAccountId, None)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(89, true)]
    [InlineData(91, false)]
    public async Task Drift_of_a_scan_is_deleted_by_a_complete_one_three_months_later(int days, bool kept)
    {
        await Stores.Scans.CreateAsync(Some.Scan(Scan).Scan with { ScanType = ScanType.AntiEntropy }, [], None);
        await WriteAsync(Some.Bucket("d", 10));

        await Stores.Scans.CreateAsync(Some.Scan("scan-2").Scan with { ScanType = ScanType.AntiEntropy, CreatedAt = Some.Noon.AddDays(days) }, [], None);

        (await ByAccountAsync()).Count.ShouldBe(kept ? 1 : 0);
        (await SamplesAsync()).Count.ShouldBe(kept ? 1 : 0);
    }

    private Task<IReadOnlyList<ResourceWrite>> WriteAsync(params CollectedResource[] resources) =>
        Stores.Resources.WriteAsync(Some.Org, resources, resources[0].DescribeTime, Scan, None);

    private Task<IReadOnlyList<AccountDrift>> ByAccountAsync() => Stores.Drift.CountByAccountAsync(Some.Org, Scan, None);

    private Task<IReadOnlyList<DriftSample>> SamplesAsync() => Stores.Drift.ListSamplesAsync(Some.Org, Scan, null, None);
}
