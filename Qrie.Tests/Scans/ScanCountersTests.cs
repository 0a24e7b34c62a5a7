using Qrie.Domain.Work;

namespace Qrie.Tests.Scans;

public sealed class ScanCountersTests
{
    [Fact]
    public void A_counter_that_was_never_increased_is_zero_and_not_listed()
    {
        var counters = new ScanCounters();

        counters.Add("a", 0);

        counters["a"].ShouldBe(0);
        counters.Values.ShouldBeEmpty();
    }

    [Fact]
    public void Counts_are_added_up_and_sorted()
    {
        var counters = new ScanCounters([KeyValuePair.Create("b", 2L)]);
        var other = new ScanCounters();
        other.Add("b", 3);
        other.Add("a");

        counters.Add(other);

        counters.Values.Select(v => (v.Key, v.Value)).ShouldBe([("a", 1), ("b", 5)]);
        other["b"].ShouldBe(3);
    }

    [Fact]
    public void No_count_is_lost_between_threads()
    {
        var counters = new ScanCounters();

        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 1000; i++)
            {
                counters.Add("a");
            }
        });

        counters["a"].ShouldBe(4000);
    }
}
