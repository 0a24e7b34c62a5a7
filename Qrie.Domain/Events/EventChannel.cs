namespace Qrie.Domain.Events;

/// <summary>Where events come from, and how reading it goes.</summary>
/// <param name="queue">Null: no queue is configured, events are not followed.</param>
public sealed class EventChannel(IEventQueue? queue)
{
    private long _receivedAt;

    /// <summary>Null: no queue is configured, events are not followed.</summary>
    public IEventQueue? Queue => queue;

    /// <summary>When a message was last received by this process; null: not yet.</summary>
    public DateTimeOffset? LastReceivedAt => Interlocked.Read(ref _receivedAt) is var ms and not 0 ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;

    /// <summary>Why the queue could not be read the last time; null: it could.</summary>
    public string? Problem { get; set; }

    public void NoteReceived(DateTimeOffset at) => Interlocked.Exchange(ref _receivedAt, at.ToUnixTimeMilliseconds());
}
