using Qrie.Domain.Inventory;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Inventory;

/// <summary>Descriptions that overtake each other: the newest stays, whoever wrote it.</summary>
public sealed class InventoryReconcilerOrderTests : InventoryReconcilerTest
{
    [Theory]
    [InlineData(100)]
    [InlineData(101)]
    public async Task What_was_described_since_the_list_began_is_not_touched(double described)
    {
        await StoredAsync(Some.Bucket("a", at: described));
        _aws.Answers("a", new SingleCollectionResult.Gone(Some.At(150)));

        await ScanAsync(Complete(began: 100));
        await ScanAsync(Complete(began: 100));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
        _aws.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_stored_from_later_than_now_stays_and_the_clock_is_reported()
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
        _aws.Asked.ShouldBeEmpty(); // asking again would not help
    }

    [Fact]
    public async Task What_an_event_describes_while_the_list_runs_is_not_touched()
    {
        await StoredAsync(Some.Bucket("a"));
        await ScanAsync(Complete(began: 50)); // a suspect already
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
    public async Task What_an_event_describes_after_AWS_said_that_it_is_gone_stays()
    {
        await StoredAsync(Some.Bucket("a", at: 0));
        _aws.Answers("a", new SingleCollectionResult.Gone(Some.At(150)));
        await ScanAsync(Complete(began: 100));

        await StoredAsync(Some.Bucket("a", at: 160, """{"v":"made again"}"""));
        await ScanAsync(Complete(began: 155));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task What_was_described_after_it_was_found_gone_is_not_deleted()
    {
        await StoredAsync(Some.Bucket("a", at: 106));

        await ScanAsync(new ResourceGone(Some.BucketType, "a", Some.At(105)), Complete(began: 100));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task An_older_description_does_not_resurrect_a_tombstone_and_a_newer_one_does()
    {
        await StoredAsync(Some.Bucket("a"));
        await _stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("a", 100)], Some.At(100), default);

        await _reconciler.WriteDescribedAsync(Some.Org, [new DescribedResource(Unit, Some.Bucket("a", 60))], new ScanCounters(), default);
        (await FindAsync("a"))!.DeletedAt.ShouldBe(Some.At(100));

        await _reconciler.WriteDescribedAsync(Some.Org, [new DescribedResource(Unit, Some.Bucket("a", 101))], new ScanCounters(), default);
        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_write_that_is_older_by_less_than_thirty_seconds_is_described_again()
    {
        await StoredAsync(Some.Bucket("a", at: 129.999, """{"v":"other replica"}"""));
        _aws.Answers("a", new SingleCollectionResult.Found(Some.Bucket("a", 131, """{"v":"now"}""")));

        var result = await ScanAsync(Listed(Some.Bucket("a", 100, """{"v":"here"}""")), Complete(began: 100));

        (await FindAsync("a"))!.Configuration!.Value.GetRawText().ShouldBe("""{"v":"now"}""");
        _aws.Asked.ShouldBe(["a"]);
        (result.Counters[ScanCounters.ResourcesChanged], result.Counters[ScanCounters.ResourcesRefused]).ShouldBe((1, 0));
    }

    [Fact]
    public async Task A_write_that_is_older_by_thirty_seconds_is_dropped()
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
    public async Task A_description_that_cannot_be_had_again_is_dropped()
    {
        await StoredAsync(Some.Bucket("a", at: 110, """{"v":"newer"}"""));

        var result = await ScanAsync(Listed(Some.Bucket("a", 100)), Complete(began: 100));

        _aws.Asked.ShouldBe(["a"]);
        result.Counters[ScanCounters.ResourcesRefused].ShouldBe(1);
        (await FindAsync("a"))!.DescribeTime.ShouldBe(Some.At(110));
    }

    [Fact]
    public async Task When_describing_again_shows_that_it_is_gone_it_is_deleted()
    {
        await StoredAsync(Some.Bucket("a", at: 110));
        _aws.Answers("a", new SingleCollectionResult.Gone(Some.At(120)));

        var result = await ScanAsync(Listed(Some.Bucket("a", 100, """{"v":"old"}""")), Complete(began: 100));

        (await FindAsync("a"))!.DeletedAt.ShouldBe(Some.At(120));
        result.Counters[ScanCounters.ResourcesDeleted].ShouldBe(1);
    }
}
