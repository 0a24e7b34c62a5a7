using System.Collections.Concurrent;
using System.Diagnostics;
using Qrie.Domain.Events;

namespace Qrie.Benchmarks.Events;

/// <summary>Measures the time from sending to deleting messages.</summary>
/// <param name="received">Called for every received message; null for none.</param>
internal sealed class MeasuredQueue(IEventQueue queue, Action<EventMessage>? received = null) : IEventQueue
{
    private readonly ConcurrentDictionary<string, long> _sent = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<double> _milliseconds = [];

    public string Name => queue.Name;

    /// <summary>The number of processed messages.</summary>
    public int Done => _milliseconds.Count;

    /// <summary>The number of messages that were sent but not processed.</summary>
    public int Open => _sent.Count;

    /// <summary>The times of all processed messages, sorted.</summary>
    public IReadOnlyList<double> Milliseconds => [.. _milliseconds.Order()];

    public async Task<IReadOnlyList<EventMessage>> ReceiveAsync(TimeSpan wait, TimeSpan visibility, CancellationToken cancel)
    {
        var messages = await queue.ReceiveAsync(wait, visibility, cancel);
        foreach (var message in messages)
        {
            received?.Invoke(message);
        }

        return messages;
    }

    public Task DeleteAsync(IReadOnlyCollection<EventMessage> messages, CancellationToken cancel)
    {
        foreach (var message in messages)
        {
            if (_sent.TryRemove(message.Body, out var since))
            {
                _milliseconds.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            }
        }

        return queue.DeleteAsync(messages, cancel);
    }

    public Task ShowAgainAsync(IReadOnlyCollection<EventMessage> messages, TimeSpan after, CancellationToken cancel) =>
        queue.ShowAgainAsync(messages, after, cancel);

    public Task<bool> SendAsync(IReadOnlyCollection<string> bodies, CancellationToken cancel)
    {
        foreach (var body in bodies)
        {
            _sent[body] = Stopwatch.GetTimestamp();
        }

        return queue.SendAsync(bodies, cancel);
    }

    public Task<EventQueueState> ReadStateAsync(CancellationToken cancel) => queue.ReadStateAsync(cancel);

    public Task<IReadOnlyList<EventMessage>> ReceiveDeadAsync(TimeSpan visibility, CancellationToken cancel) => queue.ReceiveDeadAsync(visibility, cancel);

    public Task DeleteDeadAsync(IReadOnlyCollection<EventMessage> messages, CancellationToken cancel) => queue.DeleteDeadAsync(messages, cancel);
}
