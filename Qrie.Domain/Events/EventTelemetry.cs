using System.Diagnostics.Metrics;
using Qrie.Domain.Work;

namespace Qrie.Domain.Events;

/// <summary>Metrics of events: the meter <see cref="Name"/>. Without accounts and regions, whose number is not limited.</summary>
public static class EventTelemetry
{
    public const string Name = "Qrie.Events";

    /// <summary>From what a direct rule takes to what a queue holds.</summary>
    private static readonly double[] _bounds = [1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 21_600, 86_400];

    private static readonly Meter _meter = new(Name);
    private static readonly Counter<long> _received =
        _meter.CreateCounter<long>("qrie.events.received", "{message}", "Messages received from the queue, repeated deliveries included.");

    private static readonly Counter<long> _outcomes =
        _meter.CreateCounter<long>("qrie.events.outcomes", "{message}", "Messages that ended; malformed and failed ones are dead letters.");

    private static readonly Histogram<double> _lag =
        _meter.CreateSeconds("qrie.events.lag", "From the event to its receipt, and to the verdicts.", _bounds);

    public static void Received(int messages) => _received.Add(messages);

    /// <summary>To be called when the batch is stored.</summary>
    public static void Ended(EventBatch batch)
    {
        foreach (var result in batch.Results.Concat(batch.Dead.Select(d => d.Result)))
        {
            _outcomes.Add(1, new KeyValuePair<string, object?>("outcome", Meters.Label(result.Outcome)));
            if (!result.IsFromFuture)
            {
                Record(result.ReceivedAfter, "received");
                Record(result.EvaluatedAfter, "evaluated");
            }
        }
    }

    private static void Record(TimeSpan? lag, string until)
    {
        if (lag is { } known)
        {
            _lag.Record(Math.Max(0, known.TotalSeconds), new KeyValuePair<string, object?>("until", until));
        }
    }
}
