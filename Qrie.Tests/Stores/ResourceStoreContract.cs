using Qrie.Domain.Inventory;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>The effects and results of writes.</summary>
public abstract class ResourceStoreContract : ResourceContract
{
    [Fact]
    public async Task A_new_resource_is_created_and_returned_as_written()
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
    public async Task Unreadable_tags_differ_from_no_tags()
    {
        await WriteAsync(Some.Bucket("none"));
        await WriteAsync(Some.Bucket("unread") with { Tags = null });

        (await FindAsync("none"))!.Tags.ShouldNotBeNull().ShouldBeEmpty();
        (await FindAsync("unread"))!.Tags.ShouldBeNull();
    }

    [Fact]
    public async Task Volatile_attributes_are_stored_although_the_hash_is_unchanged()
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
    public async Task A_newer_description_with_another_configuration_changes_the_resource_and_keeps_first_seen()
    {
        await WriteAsync(Some.Bucket(at: 5, configuration: """{"v":1}"""));

        (await WriteAsync(Some.Bucket(at: 6, configuration: """{"v":2}"""), now: 200)).ShouldBe(new ResourceWrite(WriteOutcome.Changed, Some.At(6)));

        var found = (await FindAsync("a"))!;
        found.Configuration!.Value.GetRawText().ShouldBe("""{"v":2}""");
        (found.DescribeTime, found.LastSeen, found.FirstSeen).ShouldBe((Some.At(6), Some.At(6), Some.At(100)));
    }

    [Fact]
    public async Task A_newer_description_with_the_same_configuration_updates_only_the_times()
    {
        await WriteAsync(Some.Bucket(at: 5, configuration: """{"v":1}"""));

        (await WriteAsync(Some.Bucket(at: 6, configuration: """{"v":1}"""))).Outcome.ShouldBe(WriteOutcome.Unchanged);

        var found = (await FindAsync("a"))!;
        (found.DescribeTime, found.LastSeen, found.Hash).ShouldBe((Some.At(6), Some.At(6), Some.HashOf("""{"v":1}""")));
    }

    [Fact]
    public async Task An_older_description_is_refused_with_the_stored_describe_time()
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
    public async Task At_equal_times_the_greater_hash_is_kept(string first, string second, WriteOutcome outcome)
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
    public async Task The_results_of_a_batch_are_in_order_and_a_resource_may_occur_twice()
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
    public async Task Organizations_are_isolated()
    {
        await WriteAsync(Some.Bucket());

        (await Stores.Resources.FindAsync("another", Some.S3, Some.ArnOf("a"), None)).ShouldBeNull();
        (await Stores.Resources.CountAsync("another", Some.Buckets, None)).ShouldBe(0);
        (await Stores.Resources.DeleteAsync("another", [Some.Deletion(at: 50)], Some.Noon, None)).ShouldBeEmpty();
        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"Name":"Füße 👟 \u0000 ‮rtl‬ \ud83d\ude00"}""")]
    [InlineData("""{"Name":"half of a pair: \ud83d"}""")]
    [InlineData("""{"n":12345678901234567890.12345678901234567890}""")]
    public async Task Every_JSON_value_is_stored_unchanged(string configuration)
    {
        await WriteAsync(Some.Bucket(configuration: configuration));

        (await FindAsync("a"))!.Configuration!.Value.GetRawText().ShouldBe(configuration);
    }

    [Fact]
    public async Task A_configuration_of_400_KB_is_stored_completely()
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
}
