using Qrie.Sql.Replicas;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

public sealed class ServerClockTests
{
    private static readonly DateTimeOffset _server = Some.Noon.AddMinutes(7);

    private readonly FakeClock _local = new();
    private readonly ServerClock _clock;

    public ServerClockTests() => _clock = new ServerClock(_local);

    [Fact]
    public void It_is_the_local_one_until_the_server_was_asked() => _clock.GetUtcNow().ShouldBe(_local.Now);

    [Fact]
    public void It_goes_on_from_the_last_measurement_by_the_local_timer()
    {
        Measure(_server, within: 0);
        _local.Advance(TimeSpan.FromSeconds(30));

        _clock.GetUtcNow().ShouldBe(_server.AddSeconds(30));
    }

    [Fact]
    public void An_answer_that_took_long_says_less_and_changes_nothing()
    {
        Measure(_server, within: 0);

        Measure(_server.AddSeconds(21), within: 40); // the process was stopped before or after the server answered

        _clock.GetUtcNow().ShouldBe(_server.AddSeconds(40));
    }

    [Fact]
    public void A_later_and_better_measurement_replaces_a_worse_one()
    {
        Measure(_server, within: 40);
        Measure(_server.AddSeconds(41), within: 0);

        _clock.GetUtcNow().ShouldBe(_server.AddSeconds(41));
    }

    [Fact]
    public void It_follows_a_server_whose_clock_was_set()
    {
        Measure(_server, within: 0);
        Measure(_server.AddMinutes(-3), within: 0.5);

        _clock.GetUtcNow().ShouldBe(_server.AddMinutes(-3).AddSeconds(0.25));
    }

    private void Measure(DateTimeOffset server, double within)
    {
        var asked = _clock.GetTimestamp();
        _local.Advance(TimeSpan.FromSeconds(within));
        _clock.Measured(server, asked, _clock.GetTimestamp());
    }
}
