using Qrie.Domain.Inventory;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Inventory;

/// <summary>Lists with so many missing resources that the list is suspicious.</summary>
public sealed class InventoryReconcilerSuspicionTests : InventoryReconcilerTest
{
    [Fact]
    public async Task If_more_than_half_and_more_than_twenty_are_missing_only_confirmed_ones_are_deleted_and_the_list_is_suspicious()
    {
        await StoredAsync(Many(41));
        await ScanAsync(Complete(began: 50)); // from here on all of them are suspects
        _aws.Answers(Name(0), new SingleCollectionResult.Gone(Some.At(150)));

        var result = await ScanAsync(Listed([.. Many(41, at: 101).Skip(21)]), Complete(began: 100));

        (await AliveAsync()).ShouldBe(40);
        (await FindAsync(Name(0)))!.DeletedAt.ShouldBe(Some.At(150));
        (result.Counters[ScanCounters.ResourcesDeleted], result.Counters[ScanCounters.ResourcesSuspected]).ShouldBe((1, 20));
        (await CoverageAsync()).Suspicious.ShouldBeTrue();
    }

    [Theory]
    [InlineData(39, 20)] // more than half, but not more than twenty
    [InlineData(42, 21)] // more than twenty, but not more than half
    public async Task Up_to_half_or_up_to_twenty_may_be_deleted_at_once(int stored, int vanished)
    {
        await StoredAsync(Many(stored));
        await ScanAsync(Listed([.. Many(stored, at: 51).Skip(vanished)]), Complete(began: 50));

        await ScanAsync(Listed([.. Many(stored, at: 101).Skip(vanished)]), Complete(began: 100));

        (await AliveAsync()).ShouldBe(stored - vanished);
        (await CoverageAsync()).Suspicious.ShouldBeFalse();
    }

    [Fact]
    public async Task Even_all_of_twenty_may_be_deleted_at_once()
    {
        await StoredAsync(Many(20));
        await ScanAsync(Complete(began: 50));

        await ScanAsync(Complete(began: 100));

        (await AliveAsync()).ShouldBe(0);
        (await CoverageAsync()).Suspicious.ShouldBeFalse();
    }

    [Fact]
    public async Task Suspiciously_many_are_deleted_if_AWS_confirms_each()
    {
        await StoredAsync(Many(450)); // more than two batches of deletions
        for (var i = 0; i < 450; i++)
        {
            _aws.Answers(Name(i), new SingleCollectionResult.Gone(Some.At(150)));
        }

        var result = await ScanAsync(Complete(began: 100));

        (await AliveAsync()).ShouldBe(0);
        result.Counters[ScanCounters.ResourcesDeleted].ShouldBe(450);
        _aws.Asked.Order().ShouldBe(Enumerable.Range(0, 450).Select(Name));
        (await CoverageAsync()).Suspicious.ShouldBeTrue();
    }

    [Fact]
    public async Task The_next_ordinary_list_is_not_suspicious_any_more()
    {
        await StoredAsync(Many(41));
        await ScanAsync(Complete(began: 100));
        (await CoverageAsync()).Suspicious.ShouldBeTrue();
        _clock.Advance(TimeSpan.FromHours(1));

        await ScanAsync(Listed(Many(41, at: 201)), Complete(began: 200));

        (await CoverageAsync()).Suspicious.ShouldBeFalse();
    }
}
