using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Finding resources: by id, and in pages.</summary>
public abstract class ResourceListContract : ResourceContract
{
    [Fact]
    public async Task A_resource_is_found_by_its_id_only_in_its_account_and_service()
    {
        await WriteAsync(Some.Bucket("a"));
        await WriteAsync(Some.Bucket("a", account: Some.OtherAccountId) with { Arn = "arn:other" });

        (await Stores.Resources.FindByIdAsync(Some.Org, Some.Buckets, "a", None))!.Arn.ShouldBe(Some.ArnOf("a"));
        (await Stores.Resources.FindByIdAsync(Some.Org, Some.Buckets with { AccountId = Some.OtherAccountId }, "a", None))!.Arn.ShouldBe("arn:other");
        (await Stores.Resources.FindByIdAsync(Some.Org, Some.Buckets with { ListedIn = "eu-west-1" }, "a", None)).ShouldBeNull();
        (await Stores.Resources.FindByIdAsync(Some.Org, Some.Buckets with { Type = "AWS::S3::AccessPoint" }, "a", None)).ShouldBeNull();
    }

    [Fact]
    public async Task The_list_is_paged_in_order_without_gaps_or_duplicates()
    {
        for (var i = 0; i < 7; i++)
        {
            await WriteAsync(Some.Bucket(Some.Numbered("b", i), account: i % 2 == 0 ? Some.AccountId : Some.OtherAccountId));
        }

        var pages = new List<Page<StoredResource>>();
        do
        {
            pages.Add(await Stores.Resources.ListAsync(
                Some.Org, new ResourceFilter(), new PageRequest(3, pages.Count == 0 ? null : pages[^1].Next), None));
        }
        while (pages[^1].Next is not null);

        pages.Select(p => p.Items.Count).ShouldBe([3, 3, 1]);
        pages.SelectMany(p => p.Items).Select(r => r.Id).ShouldBe(["b0000", "b0002", "b0004", "b0006", "b0001", "b0003", "b0005"]);
        pages.SelectMany(p => p.Items).ShouldAllBe(r => r.Configuration != null);
    }

    [Fact]
    public async Task A_list_of_exactly_one_page_has_no_next_one()
    {
        await WriteAsync(Some.Bucket("a"));
        await WriteAsync(Some.Bucket("b"));

        (await Stores.Resources.ListAsync(Some.Org, new ResourceFilter(), new PageRequest(2), None)).Next.ShouldBeNull();
    }

    [Fact]
    public async Task The_list_can_be_restricted_by_account_service_and_type()
    {
        await WriteAsync(Some.Bucket("a"));
        await WriteAsync(Some.Bucket("b", account: Some.OtherAccountId));
        await WriteAsync(Some.Bucket("c") with { Service = "ec2", Type = "AWS::EC2::Instance" });

        (await ListIdsAsync(new ResourceFilter(AccountId: Some.OtherAccountId))).ShouldBe(["b"]);
        (await ListIdsAsync(new ResourceFilter(Service: "s3"))).ShouldBe(["a", "b"]);
        (await ListIdsAsync(new ResourceFilter(Type: "AWS::EC2::Instance"))).ShouldBe(["c"]);
        (await ListIdsAsync(new ResourceFilter(Some.AccountId, "ec2", Some.BucketType))).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_list_omits_removed_accounts()
    {
        await WriteAsync(Some.Bucket("a"));
        await WriteAsync(Some.Bucket("b", account: Some.OtherAccountId));

        await Stores.RemoveAccountAsync(Some.Org, Some.AccountId);

        (await ListIdsAsync(new ResourceFilter())).ShouldBe(["b"]);
    }

    private async Task<IEnumerable<string>> ListIdsAsync(ResourceFilter filter) =>
        (await Stores.Resources.ListAsync(Some.Org, filter, new PageRequest(100), None)).Items.Select(r => r.Id);
}
