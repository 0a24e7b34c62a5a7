namespace Qrie.Domain.Events;

/// <summary>
/// An in-memory queue with SQS semantics: a received message is hidden for a while and delivered again unless it is deleted. For event sources within the
/// process: the demo, benchmarks and tests.
/// </summary>
/// <param name="clock">The clock for visibility timeouts.</param>
/// <param name="maxReceives">The receive count after which a message moves to the dead-letter queue; null for never.</param>
public sealed class InProcessEventQueue(TimeProvider clock, int? maxReceives = null) : IEventQueue
{
    private const int LargestBatch = 10;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(5);

    private readonly Lock _lock = new();
    private readonly LinkedList<Entry> _waiting = [];
    private readonly Dictionary<string, Entry> _hidden = new(StringComparer.Ordinal);
    private readonly PriorityQueue<(string Receipt, DateTimeOffset Until), DateTimeOffset> _ends = new();
    private readonly Dictionary<string, Entry> _aside = new(StringComparer.Ordinal);
    private long _last;

    public string Name => "in process";

    public async Task<IReadOnlyList<EventMessage>> ReceiveAsync(TimeSpan wait, TimeSpan visibility, CancellationToken cancel)
    {
        for (var until = clock.GetUtcNow() + wait; ;)
        {
            cancel.ThrowIfCancellationRequested();
            if (Take(visibility) is { Count: > 0 } messages)
            {
                return messages;
            }

            if (clock.GetUtcNow() >= until)
            {
                return [];
            }

            await Task.Delay(LookEvery, clock, cancel);
        }
    }

    public Task DeleteAsync(IReadOnlyCollection<EventMessage> messages, CancellationToken cancel)
    {
        lock (_lock)
        {
            foreach (var message in messages)
            {
                _hidden.Remove(message.Receipt);
            }
        }

        return Task.CompletedTask;
    }

    public Task ShowAgainAsync(IReadOnlyCollection<EventMessage> messages, TimeSpan after, CancellationToken cancel)
    {
        lock (_lock)
        {
            foreach (var message in messages)
            {
                if (_hidden.TryGetValue(message.Receipt, out var entry))
                {
                    entry.HiddenUntil = clock.GetUtcNow() + after;
                    _ends.Enqueue((message.Receipt, entry.HiddenUntil), entry.HiddenUntil);
                }
            }
        }

        return Task.CompletedTask;
    }

    public Task<bool> SendAsync(IReadOnlyCollection<string> bodies, CancellationToken cancel)
    {
        lock (_lock)
        {
            foreach (var body in bodies)
            {
                _waiting.AddLast(new Entry($"message-{++_last}", body));
            }
        }

        return Task.FromResult(true);
    }

    public Task<EventQueueState> ReadStateAsync(CancellationToken cancel)
    {
        lock (_lock)
        {
            ShowWhatIsDue();
            return Task.FromResult(new EventQueueState(_waiting.Count, _hidden.Count, maxReceives, maxReceives is null ? null : _aside.Count));
        }
    }

    public Task<IReadOnlyList<EventMessage>> ReceiveDeadAsync(TimeSpan visibility, CancellationToken cancel)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<EventMessage>>(
                [.. _aside.Values.Take(LargestBatch).Select(e => new EventMessage(e.Id, e.Id, e.Body, e.Receives))]);
        }
    }

    public Task DeleteDeadAsync(IReadOnlyCollection<EventMessage> messages, CancellationToken cancel)
    {
        lock (_lock)
        {
            foreach (var message in messages)
            {
                _aside.Remove(message.MessageId);
            }
        }

        return Task.CompletedTask;
    }

    private List<EventMessage> Take(TimeSpan visibility)
    {
        lock (_lock)
        {
            ShowWhatIsDue();
            var messages = new List<EventMessage>();
            while (messages.Count < LargestBatch && _waiting.First is { } first)
            {
                _waiting.RemoveFirst();
                var entry = first.Value;
                if (entry.Receives >= maxReceives)
                {
                    _aside[entry.Id] = entry;
                    continue;
                }

                entry.Receives++;
                entry.HiddenUntil = clock.GetUtcNow() + visibility;
                var receipt = $"{entry.Id}/{entry.Receives}";
                _hidden[receipt] = entry;
                _ends.Enqueue((receipt, entry.HiddenUntil), entry.HiddenUntil);
                messages.Add(new EventMessage(entry.Id, receipt, entry.Body, entry.Receives));
            }

            return messages;
        }
    }

    private void ShowWhatIsDue()
    {
        var now = clock.GetUtcNow();
        while (_ends.TryPeek(out var end, out var until) && until <= now)
        {
            _ends.Dequeue();
            // It may have been deleted or hidden for longer since.
            if (_hidden.TryGetValue(end.Receipt, out var entry) && entry.HiddenUntil == end.Until)
            {
                _hidden.Remove(end.Receipt);
                _waiting.AddLast(entry);
            }
        }
    }

    private sealed class Entry(string id, string body)
    {
        public string Id { get; } = id;

        public string Body { get; } = body;

        public int Receives { get; set; }

        public DateTimeOffset HiddenUntil { get; set; }
    }
}
