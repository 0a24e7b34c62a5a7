namespace Qrie.Domain.Events;

/// <summary>The source of events and its health.</summary>
/// <param name="queue">Null if no queue is configured; events are not processed then.</param>
public sealed class EventChannel(IEventQueue? queue)
{
    private long _receivedAt;

    /// <summary>Null if no queue is configured; events are not processed then.</summary>
    public IEventQueue? Queue => queue;

    /// <summary>When this process last received a message; null if it has not yet.</summary>
    public DateTimeOffset? LastReceivedAt => Interlocked.Read(ref _receivedAt) is var ms and not 0 ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;

    /// <summary>Why the last attempt to read the queue failed; null if it succeeded.</summary>
    public string? Problem { get; set; }

    /// <summary>The queue when this process last looked, which is once a minute; null if it has not yet, or there is none.</summary>
    public EventQueueState? LastState { get; set; }

    public void NoteReceived(int messages, DateTimeOffset at)
    {
        EventTelemetry.Received(messages);
        Interlocked.Exchange(ref _receivedAt, at.ToUnixTimeMilliseconds());
    }
}
