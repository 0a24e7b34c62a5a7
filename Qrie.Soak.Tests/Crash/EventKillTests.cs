using Qrie.Benchmarks.Events;

namespace Qrie.Soak.Tests.Crash;

/// <summary>Tests with a few kills that no event is lost; <c>Qrie.Benchmarks -- soak event-kills</c> uses fifty.</summary>
public sealed class EventKillTests
{
    [SoakFact("moto_server")]
    public async Task After_five_kills_during_event_processing_the_store_matches_AWS()
    {
        var output = new StringWriter();

        (await new EventKillSoak(kills: 5, seed: Random.Shared.Next(1_000_000), output).RunAsync(default)).ShouldBeEmpty(output.ToString());
    }
}
