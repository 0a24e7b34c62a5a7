using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

public abstract class ResourceStoreContract : StoreContract
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId), None);
    }

    [Fact]
    public async Task A_new_resource_is_created_and_comes_back_as_it_was_written()
    {
        var bucket = Some.Bucket("a", at: 5, """{"Name":"a","_unknown":{"Acl":"AccessDenied"}}""", Some.Denied("Acl")) with
        {
            Tags = new Dictionary<string, string> { ["Team"] = "web" },
        };

        (await WriteAsync(bucket)).ShouldBe(new ResourceWrite(WriteOutcome.Created, Some.At(5)));

        var found = (await FindAsync("a"))!;
        (found.AccountService, found.AccountId, found.Service, found.Type, found.Id, found.Region, found.ListedIn)
            .ShouldBe((Some.S3, Some.AccountId, "s3", Some.BucketType, "a", "eu-west-1", "global"));
        (found.Hash, found.DescribeTime, found.LastSeen, found.FirstSeen, found.DeletedAt)
            .ShouldBe((bucket.Hash, Some.At(5), Some.At(5), Some.At(100), null));
        found.Tags.ShouldBe(new Dictionary<string, string> { ["Team"] = "web" });
        found.Configuration!.Value.GetRawText().ShouldBe("""{"Name":"a","_unknown":{"Acl":"AccessDenied"}}""");
    }

    [Fact]
    public async Task Tags_that_could_not_be_read_are_not_the_same_as_no_tags()
    {
        await WriteAsync(Some.Bucket("none"));
        await WriteAsync(Some.Bucket("unread") with { Tags = null });

        (await FindAsync("none"))!.Tags.ShouldNotBeNull().ShouldBeEmpty();
        (await FindAsync("unread"))!.Tags.ShouldBeNull();
    }

    [Fact]
    public async Task What_changes_by_itself_is_stored_anew_although_the_hash_stays()
    {
        var key = Some.Bucket(at: 5, configuration: """{"LastUsed":"2026-01-01"}""") with { Volatile = ["LastUsed"] };
        await WriteAsync(key);
        var later = key with { Configuration = Some.Json("""{"LastUsed":"2026-11-20"}"""), DescribeTime = Some.At(6) };

        (await WriteAsync(later)).Outcome.ShouldBe(WriteOutcome.Unchanged);

        (await FindAsync("a"))!.Configuration!.Value.GetRawText().ShouldBe("""{"LastUsed":"2026-11-20"}""");
    }

    [Fact]
    public async Task A_resource_that_was_never_stored_is_not_found()
    {
        (await FindAsync("a")).ShouldBeNull();
        (await Stores.Resources.FindByIdAsync(Some.Org, Some.Buckets, "a", None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_newer_description_with_another_configuration_changes_the_resource_and_keeps_when_it_was_first_seen()
    {
        await WriteAsync(Some.Bucket(at: 5, configuration: """{"v":1}"""));

        (await WriteAsync(Some.Bucket(at: 6, configuration: """{"v":2}"""), now: 200)).ShouldBe(new ResourceWrite(WriteOutcome.Changed, Some.At(6)));

        var found = (await FindAsync("a"))!;
        found.Configuration!.Value.GetRawText().ShouldBe("""{"v":2}""");
        (found.DescribeTime, found.LastSeen, found.FirstSeen).ShouldBe((Some.At(6), Some.At(6), Some.At(100)));
    }

    [Fact]
    public async Task A_newer_description_with_the_same_configuration_moves_only_the_times()
    {
        await WriteAsync(Some.Bucket(at: 5, configuration: """{"v":1}"""));

        (await WriteAsync(Some.Bucket(at: 6, configuration: """{"v":1}"""))).Outcome.ShouldBe(WriteOutcome.Unchanged);

        var found = (await FindAsync("a"))!;
        (found.DescribeTime, found.LastSeen, found.Hash).ShouldBe((Some.At(6), Some.At(6), Some.HashOf("""{"v":1}""")));
    }

    [Fact]
    public async Task An_older_description_is_refused_and_says_what_is_stored()
    {
        await WriteAsync(Some.Bucket(at: 6, configuration: """{"v":2}"""));

        (await WriteAsync(Some.Bucket(at: 5, configuration: """{"v":1}"""))).ShouldBe(new ResourceWrite(WriteOutcome.RefusedAsOlder, Some.At(6)));

        (await FindAsync("a"))!.Configuration!.Value.GetRawText().ShouldBe("""{"v":2}""");
    }

    [Fact]
    public async Task The_same_description_again_is_a_repetition()
    {
        await WriteAsync(Some.Bucket(at: 5));

        (await WriteAsync(Some.Bucket(at: 5))).ShouldBe(new ResourceWrite(WriteOutcome.Repeated, Some.At(5)));
    }

    [Theory]
    [InlineData("hash-1", "hash-2", WriteOutcome.Changed)]
    [InlineData("hash-2", "hash-1", WriteOutcome.RefusedAsOlder)]
    public async Task At_the_same_time_the_greater_hash_stays(string first, string second, WriteOutcome outcome)
    {
        await WriteAsync(Some.Bucket(at: 5) with { Hash = first });

        (await WriteAsync(Some.Bucket(at: 5) with { Hash = second })).Outcome.ShouldBe(outcome);

        (await FindAsync("a"))!.Hash.ShouldBe("hash-2");
    }

    [Fact]
    public async Task Times_are_ordered_by_the_millisecond()
    {
        await WriteAsync(Some.Bucket(at: 5.001, configuration: """{"v":2}"""));

        (await WriteAsync(Some.Bucket(at: 5, configuration: """{"v":1}"""))).Outcome.ShouldBe(WriteOutcome.RefusedAsOlder);
    }

    [Fact]
    public async Task A_batch_answers_in_its_own_order_and_may_hold_a_resource_twice()
    {
        await WriteAsync(Some.Bucket("old", at: 9));

        var writes = await Stores.Resources.WriteAsync(
            Some.Org,
            [
                Some.Bucket("b", at: 2, configuration: """{"v":2}"""),
                Some.Bucket("old", at: 1, configuration: """{"v":0}"""),
                Some.Bucket("b", at: 1, configuration: """{"v":1}"""),
                Some.Bucket("a", at: 1),
                Some.Bucket("b", at: 3, configuration: """{"v":3}"""),
                Some.Bucket("b", at: 3, account: Some.OtherAccountId),
            ],
            Some.At(100), None);

        writes.Select(w => w.Outcome).ShouldBe(
        [
            WriteOutcome.Created, WriteOutcome.RefusedAsOlder, WriteOutcome.RefusedAsOlder, WriteOutcome.Created, WriteOutcome.Changed,
            WriteOutcome.Created,
        ]);
        (await FindAsync("b"))!.Configuration!.Value.GetRawText().ShouldBe("""{"v":3}""");
    }

    [Fact]
    public async Task Organizations_do_not_see_each_other()
    {
        await WriteAsync(Some.Bucket());

        (await Stores.Resources.FindAsync("another", Some.S3, Some.ArnOf("a"), None)).ShouldBeNull();
        (await Stores.Resources.CountAsync("another", Some.Buckets, None)).ShouldBe(0);
        (await Stores.Resources.DeleteAsync("another", [Some.Deletion(at: 50)], Some.Noon, None)).ShouldBeEmpty();
        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_deletion_leaves_a_tombstone_with_its_time_and_the_last_configuration()
    {
        await WriteAsync(Some.Bucket(at: 5, configuration: """{"v":1}"""));

        (await DeleteAsync(at: 6)).ShouldBe([Some.ArnOf("a")]);

        var tombstone = (await FindAsync("a"))!;
        (tombstone.DeletedAt, tombstone.DescribeTime, tombstone.Hash, tombstone.FirstSeen).ShouldBe((Some.At(6), Some.At(6), "", Some.At(100)));
        tombstone.Configuration!.Value.GetRawText().ShouldBe("""{"v":1}""");
        (await Stores.Resources.FindByIdAsync(Some.Org, Some.Buckets, "a", None)).ShouldBeNull();
        (await Stores.Resources.CountAsync(Some.Org, Some.Buckets, None)).ShouldBe(0);
        (await Stores.Resources.ListAsync(Some.Org, new ResourceFilter(), new PageRequest(10), None)).Items.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    public async Task A_resource_that_was_described_at_or_after_its_deletion_is_left_alone(double deletedAt)
    {
        await WriteAsync(Some.Bucket(at: 5));

        (await DeleteAsync(deletedAt)).ShouldBeEmpty();

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task An_older_description_cannot_resurrect_a_tombstone()
    {
        await WriteAsync(Some.Bucket(at: 5));
        await DeleteAsync(at: 7);

        (await WriteAsync(Some.Bucket(at: 6, configuration: """{"v":2}"""))).ShouldBe(new ResourceWrite(WriteOutcome.RefusedAsOlder, Some.At(7)));

        (await FindAsync("a"))!.DeletedAt.ShouldBe(Some.At(7));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    public async Task A_description_from_the_moment_of_the_deletion_or_later_resurrects_a_tombstone(double described)
    {
        await WriteAsync(Some.Bucket(at: 5));
        await DeleteAsync(at: 7);

        (await WriteAsync(Some.Bucket(at: described))).Outcome.ShouldBe(WriteOutcome.Created);

        var found = (await FindAsync("a"))!;
        (found.DeletedAt, found.FirstSeen).ShouldBe((null, Some.At(100)));
    }

    [Fact]
    public async Task A_deletion_of_a_resource_that_was_never_stored_is_remembered()
    {
        (await DeleteAsync(at: 7)).ShouldBeEmpty();

        (await WriteAsync(Some.Bucket(at: 6))).Outcome.ShouldBe(WriteOutcome.RefusedAsOlder);
        (await WriteAsync(Some.Bucket(at: 8))).Outcome.ShouldBe(WriteOutcome.Created);
    }

    [Fact]
    public async Task A_batch_of_deletions_in_any_order_keeps_the_newest_and_names_each_resource_once()
    {
        await WriteAsync(Some.Bucket(at: 1));

        var deleted = await Stores.Resources.DeleteAsync(
            Some.Org, [Some.Deletion(at: 9), Some.Deletion(at: 7), Some.Deletion(at: 8)], Some.Noon, None);

        deleted.ShouldBe([Some.ArnOf("a")]);
        (await FindAsync("a"))!.DeletedAt.ShouldBe(Some.At(9));
    }

    [Fact]
    public async Task A_later_deletion_of_a_deleted_resource_moves_its_tombstone_and_names_nothing()
    {
        await WriteAsync(Some.Bucket(at: 1));
        await DeleteAsync(at: 5);

        (await DeleteAsync(at: 7)).ShouldBeEmpty();

        (await FindAsync("a"))!.DescribeTime.ShouldBe(Some.At(7));
    }

    [Fact]
    public async Task A_resource_is_found_by_its_id_in_its_list_only()
    {
        await WriteAsync(Some.Bucket("a"));
        await WriteAsync(Some.Bucket("a", account: Some.OtherAccountId) with { Arn = "arn:other" });

        (await Stores.Resources.FindByIdAsync(Some.Org, Some.Buckets, "a", None))!.Arn.ShouldBe(Some.ArnOf("a"));
        (await Stores.Resources.FindByIdAsync(Some.Org, Some.Buckets with { AccountId = Some.OtherAccountId }, "a", None))!.Arn.ShouldBe("arn:other");
        (await Stores.Resources.FindByIdAsync(Some.Org, Some.Buckets with { ListedIn = "eu-west-1" }, "a", None)).ShouldBeNull();
        (await Stores.Resources.FindByIdAsync(Some.Org, Some.Buckets with { Type = "AWS::S3::AccessPoint" }, "a", None)).ShouldBeNull();
    }

    [Fact]
    public async Task Absent_are_the_alive_that_were_neither_seen_nor_described_since_the_list_began()
    {
        await WriteAsync(Some.Bucket("before", at: 4));
        await WriteAsync(Some.Bucket("same-moment", at: 5));
        await WriteAsync(Some.Bucket("after", at: 6));
        await WriteAsync(Some.Bucket("deleted", at: 1));
        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("deleted", 2)], Some.Noon, None);
        await WriteAsync(Some.Bucket("elsewhere", at: 1) with { ListedIn = "eu-west-1" });
        await WriteAsync(Some.Bucket("other", at: 1, account: Some.OtherAccountId));
        await WriteAsync(Some.Bucket("other-type", at: 1) with { Type = "AWS::S3::AccessPoint" });

        var absent = await AbsentAsync(began: 5);

        absent.Select(a => (a.Resource.Id, a.AbsentSince)).ShouldBe([("before", null)]);
    }

    [Fact]
    public async Task Absent_resources_come_in_pages_ordered_by_arn()
    {
        foreach (var name in new[] { "c", "a", "b" })
        {
            await WriteAsync(Some.Bucket(name));
        }

        var first = await Stores.Resources.FindAbsentAsync(Some.Org, Some.Buckets, Some.At(5), null, 2, None);
        var second = await Stores.Resources.FindAbsentAsync(Some.Org, Some.Buckets, Some.At(5), first[^1].Resource.Arn, 2, None);

        first.Select(a => a.Resource.Id).ShouldBe(["a", "b"]);
        second.Select(a => a.Resource.Id).ShouldBe(["c"]);
    }

    [Fact]
    public async Task An_absence_is_remembered_from_the_first_list_that_showed_it()
    {
        await WriteAsync(Some.Bucket());

        await MarkAbsentAsync(began: 5);
        await MarkAbsentAsync(began: 10);

        (await AbsentAsync(began: 15)).ShouldHaveSingleItem().AbsentSince.ShouldBe(Some.At(5));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"v":2}""")]
    public async Task Being_seen_again_ends_an_absence(string configuration)
    {
        await WriteAsync(Some.Bucket());
        await MarkAbsentAsync(began: 5);

        await WriteAsync(Some.Bucket(at: 7, configuration: configuration));

        (await AbsentAsync(began: 10)).ShouldHaveSingleItem().AbsentSince.ShouldBeNull();
    }

    [Fact]
    public async Task A_resource_that_was_described_since_the_list_began_is_not_marked_absent()
    {
        await WriteAsync(Some.Bucket(at: 6));

        await MarkAbsentAsync(began: 5);

        (await AbsentAsync(began: 10)).ShouldHaveSingleItem().AbsentSince.ShouldBeNull();
    }

    [Fact]
    public async Task The_list_is_paged_in_order_without_gaps_or_repeats()
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
    public async Task The_list_leaves_removed_accounts_out()
    {
        await WriteAsync(Some.Bucket("a"));
        await WriteAsync(Some.Bucket("b", account: Some.OtherAccountId));

        await Stores.RemoveAccountAsync(Some.Org, Some.AccountId);

        (await ListIdsAsync(new ResourceFilter())).ShouldBe(["b"]);
    }

    [Theory]
    [InlineData("""{"Name":"Füße 👟 \u0000 ‮rtl‬ \ud83d\ude00"}""")]
    [InlineData("""{"Name":"half of a pair: \ud83d"}""")]
    [InlineData("""{"n":12345678901234567890.12345678901234567890}""")]
    public async Task Whatever_json_can_say_is_kept_as_it_is(string configuration)
    {
        await WriteAsync(Some.Bucket(configuration: configuration));

        (await FindAsync("a"))!.Configuration!.Value.GetRawText().ShouldBe(configuration);
    }

    [Fact]
    public async Task A_configuration_of_400_KB_is_kept_whole()
    {
        var random = new Random(7);
        var statements = string.Join(
            ',', Enumerable.Range(0, 4000)
                .Select(i => $$"""{"Sid":"{{random.NextInt64():x}}","Resource":"arn:aws:s3:::ü{{i}}/{{random.NextInt64():x}}/*","n":{{i}}}"""));
        var configuration = $$"""{"Statement":[{{statements}}]}""";
        configuration.Length.ShouldBeGreaterThan(300_000);

        await WriteAsync(Some.Bucket(configuration: configuration));

        System.Text.Json.JsonElement.DeepEquals((await FindAsync("a"))!.Configuration!.Value, Some.Json(configuration)).ShouldBeTrue();
    }

    private async Task<ResourceWrite> WriteAsync(CollectedResource resource, double now = 100) =>
        (await Stores.Resources.WriteAsync(Some.Org, [resource], Some.At(now), None)).ShouldHaveSingleItem();

    private Task<IReadOnlyList<string>> DeleteAsync(double at) => Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion(at: at)], Some.At(100), None);

    private Task<StoredResource?> FindAsync(string name) => Stores.Resources.FindAsync(Some.Org, Some.S3, Some.ArnOf(name), None);

    private Task<IReadOnlyList<AbsentResource>> AbsentAsync(double began) =>
        Stores.Resources.FindAbsentAsync(Some.Org, Some.Buckets, Some.At(began), null, 100, None);

    private Task MarkAbsentAsync(double began) => Stores.Resources.MarkAbsentAsync(Some.Org, Some.S3, [Some.ArnOf("a")], Some.At(began), None);

    private async Task<IEnumerable<string>> ListIdsAsync(ResourceFilter filter) =>
        (await Stores.Resources.ListAsync(Some.Org, filter, new PageRequest(100), None)).Items.Select(r => r.Id);
}
