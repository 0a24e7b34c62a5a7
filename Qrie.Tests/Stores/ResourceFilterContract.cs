using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Every filter of resources, alone and combined, page by page, compared with a filter in memory.</summary>
public abstract class ResourceFilterContract : StoreContract
{
    private const string Gone = "gone";

    private static readonly string[] s_names = ["a", "a%", "a_b", "a\uD7FFz", "a\uE000", "a\U0001F600", "a\U0010FFFF", "b", "c", Gone];

    private readonly List<CollectedResource> _all = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var number = 0;
        foreach (var account in (string[])[Some.AccountId, Some.OtherAccountId])
        {
            await Stores.Accounts.AddAsync(Some.Account(account), None);
            foreach (var service in (string[])["ec2", "s3"])
            {
                foreach (var name in s_names)
                {
                    number++;
                    _all.Add(Some.Bucket(name, at: 1, account: account) with
                    {
                        Service = service,
                        Type = service == "s3" ? Some.BucketType : number % 3 == 0 ? "AWS::EC2::Instance" : "AWS::EC2::Volume",
                        Region = number % 7 == 0 ? "ap-south-2" : "eu-west-1",
                        Tags = number % 5 == 0 ? null : new Dictionary<string, string>
                        {
                            ["Team"] = number % 2 == 0 ? "web" : "data",
                            ["url"] = "https://x:80",
                            ["Größe ✓"] = "\"quoted\"",
                        },
                    });
                }
            }
        }

        await Stores.Resources.WriteAsync(Some.Org, _all, Some.At(1), None);
        foreach (var resource in _all.Where(r => r.Id == Gone))
        {
            await DeleteAsync(resource, at: 9);
        }
    }

    public static TheoryData<string, ResourceFilter> Filters => new()
    {
        { "none", new ResourceFilter() },
        { "account", new ResourceFilter(Some.OtherAccountId) },
        { "part of an account", new ResourceFilter(Some.AccountId[..^1]) },
        { "service", new ResourceFilter(Service: "s3") },
        { "account and service", new ResourceFilter(Some.AccountId, "s3") },
        { "type", new ResourceFilter(Type: "AWS::EC2::Instance") },
        { "type of another service", new ResourceFilter(Service: "s3", Type: "AWS::EC2::Instance") },
        { "region", new ResourceFilter(Region: "ap-south-2") },
        { "region that is not there", new ResourceFilter(Region: "mars-1") },
        { "prefix", new ResourceFilter(ArnPrefix: Some.ArnOf("a")) },
        { "prefix with a wildcard", new ResourceFilter(ArnPrefix: Some.ArnOf("a_")) },
        { "prefix with the last code point", new ResourceFilter(ArnPrefix: Some.ArnOf("a\U0010FFFF")) },
        { "tag", new ResourceFilter(Tags: [new("Team", "web")]) },
        { "tag in another case", new ResourceFilter(Tags: [new("team", "web")]) },
        { "tag with colons", new ResourceFilter(Tags: [new("url", "https://x:80")]) },
        { "two tags", new ResourceFilter(Tags: [new("Team", "data"), new("Größe ✓", "\"quoted\"")]) },
        { "two tags that contradict", new ResourceFilter(Tags: [new("Team", "data"), new("Team", "web")]) },
        { "tag, region and prefix", new ResourceFilter(Region: "eu-west-1", ArnPrefix: Some.ArnOf("a"), Tags: [new("Team", "web")]) },
        { "text of names", new ResourceFilter(Text: "A_") },
        { "text of a tag", new ResourceFilter(Text: "WEB", Service: "s3") },
        { "text, tag and deleted", new ResourceFilter(Tags: [new("Team", "web")], Text: "gon", IncludeDeleted: true) },
        { "text that is not there", new ResourceFilter(Text: "nowhere") },
        { "deleted too", new ResourceFilter(IncludeDeleted: true) },
        { "deleted too, by tag, type and prefix",
            new ResourceFilter(Type: Some.BucketType, ArnPrefix: Some.ArnOf("g"), Tags: [new("Team", "web")], IncludeDeleted: true) },
        { "everything", new ResourceFilter(Some.AccountId, "ec2", "AWS::EC2::Volume", "eu-west-1", Some.ArnOf("a"), [new("Team", "web")]) },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task A_filter_returns_all_matches_in_order_in_full_pages(string name, ResourceFilter filter)
    {
        foreach (var size in Stores.Samples([2, 5, 1000], 5))
        {
            (await PagesAsync(filter, size)).ShouldBe(Expected(filter), name);
        }
    }

    [Fact]
    public async Task A_changed_or_removed_tag_is_not_found_any_more()
    {
        var bucket = Some.Bucket("t", at: 20) with { Tags = Tags(("Stage", "test"), ("Keep", "yes")) };
        // Twice in one batch: the second one is stored.
        await WriteAsync(bucket, bucket with { Tags = Tags(("Stage", "prod"), ("Keep", "yes")), Hash = "2", DescribeTime = Some.At(21) });
        (await CountAsync("Stage", "test"), await CountAsync("Stage", "prod"), await CountAsync("Keep", "yes")).ShouldBe((0, 1, 1));

        await WriteAsync(bucket with { Tags = Tags(("Stage", "test")), Hash = "3", DescribeTime = Some.At(22) });
        (await CountAsync("Stage", "test"), await CountAsync("Stage", "prod"), await CountAsync("Keep", "yes")).ShouldBe((1, 0, 0));

        await WriteAsync(bucket with { Tags = null, Hash = "4", DescribeTime = Some.At(23) });
        (await CountAsync("Stage", "test")).ShouldBe(0);
    }

    [Fact]
    public async Task A_restored_resource_is_found_by_its_new_tags()
    {
        var bucket = Some.Bucket("t", at: 20) with { Tags = Tags(("Stage", "test")) };
        await WriteAsync(bucket);
        await DeleteAsync(bucket, at: 21);
        (await CountAsync("Stage", "test")).ShouldBe(0);

        await WriteAsync(bucket with { Tags = Tags(("Stage", "prod")), Hash = "2", DescribeTime = Some.At(22) });

        (await CountAsync("Stage", "test"), await CountAsync("Stage", "prod")).ShouldBe((0, 1));
    }

    [Fact]
    public async Task A_deleted_resource_has_its_deletion_time_even_if_it_was_never_seen()
    {
        await DeleteAsync(Some.Bucket("unseen", account: Some.OtherAccountId) with { Service = "sqs" }, at: 5);

        var found = (await Stores.Resources.ListAsync(Some.Org, new ResourceFilter(Service: "sqs", IncludeDeleted: true), new PageRequest(10), None)).Items
            .Single();

        (found.DeletedAt, found.Configuration).ShouldBe((Some.At(5), null));
        (await PagesAsync(new ResourceFilter(Service: "sqs"), 10)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Removed_accounts_are_listed_on_request()
    {
        await Stores.RemoveAccountAsync(Some.Org, Some.OtherAccountId);

        (await PagesAsync(new ResourceFilter(), 7)).ShouldBe(Expected(new ResourceFilter(Some.AccountId)));
        (await PagesAsync(new ResourceFilter(IncludeRemoved: true), 7)).ShouldBe(Expected(new ResourceFilter()));
    }

    [Fact]
    public async Task An_arn_is_found_in_every_account()
    {
        var found = await Stores.Resources.FindByArnAsync(Some.Org, Some.ArnOf(Gone), None);

        found.Select(r => r.AccountService).ShouldBe(["111122223333_ec2", "111122223333_s3", "444455556666_ec2", "444455556666_s3"]);
        found.ShouldAllBe(r => r.DeletedAt == Some.At(9) && r.Configuration != null);
        (await Stores.Resources.FindByArnAsync(Some.Org, Some.ArnOf("nowhere"), None)).ShouldBeEmpty();
        (await Stores.Resources.FindByArnAsync("another", Some.ArnOf("a"), None)).ShouldBeEmpty();
    }

    private IEnumerable<(string, string)> Expected(ResourceFilter filter) => _all
        .Where(r =>
            (filter.AccountId is null || r.AccountId == filter.AccountId)
            && (filter.Service is null || r.Service == filter.Service)
            && (filter.Type is null || r.Type == filter.Type)
            && (filter.Region is null || r.Region == filter.Region)
            && r.Arn.StartsWith(filter.ArnPrefix ?? "", StringComparison.Ordinal)
            && (filter.Tags ?? []).All(t => r.Tags?.GetValueOrDefault(t.Key) == t.Value)
            && (filter.Text is null || ((string[])[r.Arn, r.Id, .. r.Tags?.Values ?? Enumerable.Empty<string>()])
                .Any(t => t.Contains(filter.Text, StringComparison.OrdinalIgnoreCase)))
            && (filter.IncludeDeleted || r.Id != Gone))
        .Select(r => (AccountService.Of(r.AccountId, r.Service), r.Arn))
        .OrderBy(r => r.Item1, StringComparer.Ordinal)
        .ThenBy(r => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(r.Arn)), StringComparer.Ordinal);

    private static Dictionary<string, string> Tags(params (string Key, string Value)[] tags) => tags.ToDictionary(t => t.Key, t => t.Value);

    private async Task<int> CountAsync(string key, string value) => (await PagesAsync(new ResourceFilter(Tags: [new(key, value)]), 10)).Count;

    private async Task<List<(string, string)>> PagesAsync(ResourceFilter filter, int size)
    {
        var found = new List<(string, string)>();
        IReadOnlyList<string>? after = null;
        do
        {
            var page = await Stores.Resources.ListAsync(Some.Org, filter, new PageRequest(size, after), None);
            if (page.Next is not null)
            {
                page.Items.Count.ShouldBe(size);
            }

            found.AddRange(page.Items.Select(r => (r.AccountService, r.Arn)));
            after = page.Next;
        }
        while (after is not null);

        return found;
    }

    private async Task WriteAsync(params CollectedResource[] resources) => await Stores.Resources.WriteAsync(Some.Org, resources, Some.At(100), None);

    private async Task DeleteAsync(CollectedResource r, double at) => await Stores.Resources.DeleteAsync(
        Some.Org, [new ResourceDeletion(AccountService.Of(r.AccountId, r.Service), r.Arn, r.Type, r.Id, r.Region, r.ListedIn, Some.At(at))], Some.At(at), None);
}
