using Qrie.Domain.Inventory;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Inventory;

/// <summary>Concurrent descriptions: the newest one is kept, regardless of the writer.</summary>
public sealed class InventoryReconcilerOrderTests : InventoryReconcilerTest
{
    [Theory]
    [InlineData(100)]
    [InlineData(101)]
    public async Task A_resource_described_since_the_list_began_is_not_changed(double described)
    {
        await StoredAsync(Some.Bucket("a", at: described));
        _aws.Answers("a", new SingleCollectionResult.Gone(Some.At(150)));

        await ScanAsync(Complete(began: 100));
        await ScanAsync(Complete(began: 100));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
        _aws.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stored_description_in_the_future_is_kept_and_the_clock_is_reported()
    {
        await StoredAsync(Some.Bucket("a", at: 4000), Some.Bucket("b", at: 2000)); // before the clock was set back to 1000

        var result = await ScanAsync(
            Listed(Some.Bucket("a", 999, """{"v":2}"""), Some.Bucket("b", 999), Some.Bucket("new", 999)), Complete(began: 998));

        var error = result.Errors.Single();
        (error.Type, error.Outcome, error.Code).ShouldBe((null, "RefusedAsOlder", "ClockBehind"));
        error.Message.ShouldStartWith("2 resources were not updated: their stored state was described up to 00:50:00 later");
        result.Counters[ScanCounters.ResourcesRefused].ShouldBe(2);
        (await FindAsync("a"))!.DescribeTime.ShouldBe(Some.At(4000));
        (await FindAsync("new")).ShouldNotBeNull();
        _aws.Asked.ShouldBeEmpty(); // another read would not help
    }

    [Fact]
    public async Task A_resource_described_by_an_event_during_the_list_is_not_changed()
    {
        await StoredAsync(Some.Bucket("a"));
        await ScanAsync(Complete(began: 50)); // already a suspect
        _aws.Before = async item =>
        {
            if (item is TypeListed)
            {
                await _stores.Resources.WriteAsync(Some.Org, [Some.Bucket("a", 120)], Some.At(120), default);
            }
        };

        await ScanAsync(Complete(began: 100));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_resource_described_by_an_event_after_it_was_not_found_is_kept()
    {
        await StoredAsync(Some.Bucket("a", at: 0));
        _aws.Answers("a", new SingleCollectionResult.Gone(Some.At(150)));
        await ScanAsync(Complete(began: 100));

        await StoredAsync(Some.Bucket("a", at: 160, """{"v":"made again"}"""));
        await ScanAsync(Complete(began: 155));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_resource_described_after_it_was_not_found_is_not_deleted()
    {
        await StoredAsync(Some.Bucket("a", at: 106));

        await ScanAsync(new ResourceGone(Some.BucketType, "a", Some.At(105)), Complete(began: 100));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task Only_a_newer_description_restores_a_deleted_resource()
    {
        await StoredAsync(Some.Bucket("a"));
        await _stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("a", 100)], Some.At(100), default);

        await _reconciler.WriteDescribedAsync(Some.Org, [new DescribedResource(Unit, Some.Bucket("a", 60))], new ScanCounters(), default);
        (await FindAsync("a"))!.DeletedAt.ShouldBe(Some.At(100));

        await _reconciler.WriteDescribedAsync(Some.Org, [new DescribedResource(Unit, Some.Bucket("a", 101))], new ScanCounters(), default);
        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_write_less_than_thirty_seconds_older_is_described_again()
    {
        await StoredAsync(Some.Bucket("a", at: 129.999, """{"v":"other replica"}"""));
        _aws.Answers("a", new SingleCollectionResult.Found(Some.Bucket("a", 131, """{"v":"now"}""")));

        var result = await ScanAsync(Listed(Some.Bucket("a", 100, """{"v":"here"}""")), Complete(began: 100));

        (await FindAsync("a"))!.Configuration!.Value.GetRawText().ShouldBe("""{"v":"now"}""");
        _aws.Asked.ShouldBe(["a"]);
        (result.Counters[ScanCounters.ResourcesChanged], result.Counters[ScanCounters.ResourcesRefused]).ShouldBe((1, 0));
    }

    [Fact]
    public async Task A_write_thirty_seconds_older_is_dropped()
    {
        await StoredAsync(Some.Bucket("a", at: 130, """{"v":"newer"}"""));
        _aws.Answers("a", new SingleCollectionResult.Found(Some.Bucket("a", 131, """{"v":"now"}""")));

        var result = await ScanAsync(Listed(Some.Bucket("a", 100, """{"v":"here"}""")), Complete(began: 100));

        (await FindAsync("a"))!.Configuration!.Value.GetRawText().ShouldBe("""{"v":"newer"}""");
        _aws.Asked.ShouldBeEmpty();
        result.Counters[ScanCounters.ResourcesRefused].ShouldBe(1);
    }

    [Fact]
    public async Task It_is_described_again_three_times_at_most()
    {
        await StoredAsync(Some.Bucket("a", at: 129, """{"v":"fast clock"}"""));
        _aws.Answers("a",
            new SingleCollectionResult.Found(Some.Bucket("a", 101, """{"v":"1"}""")), new SingleCollectionResult.Found(Some.Bucket("a", 102, """{"v":"2"}""")),
            new SingleCollectionResult.Found(Some.Bucket("a", 103, """{"v":"3"}""")), new SingleCollectionResult.Found(Some.Bucket("a", 140, """{"v":"4"}""")));

        var result = await ScanAsync(Listed(Some.Bucket("a", 100, """{"v":"0"}""")), Complete(began: 100));

        _aws.Asked.ShouldBe(["a", "a", "a"]);
        (await FindAsync("a"))!.Configuration!.Value.GetRawText().ShouldBe("""{"v":"fast clock"}""");
        result.Counters[ScanCounters.ResourcesRefused].ShouldBe(1);
    }

    [Fact]
    public async Task A_description_that_cannot_be_repeated_is_dropped()
    {
        await StoredAsync(Some.Bucket("a", at: 110, """{"v":"newer"}"""));

        var result = await ScanAsync(Listed(Some.Bucket("a", 100)), Complete(began: 100));

        _aws.Asked.ShouldBe(["a"]);
        result.Counters[ScanCounters.ResourcesRefused].ShouldBe(1);
        (await FindAsync("a"))!.DescribeTime.ShouldBe(Some.At(110));
    }

    [Fact]
    public async Task A_resource_not_found_by_the_repeated_description_is_deleted()
    {
        await StoredAsync(Some.Bucket("a", at: 110));
        _aws.Answers("a", new SingleCollectionResult.Gone(Some.At(120)));

        var result = await ScanAsync(Listed(Some.Bucket("a", 100, """{"v":"old"}""")), Complete(began: 100));

        (await FindAsync("a"))!.DeletedAt.ShouldBe(Some.At(120));
        result.Counters[ScanCounters.ResourcesDeleted].ShouldBe(1);
    }
}
