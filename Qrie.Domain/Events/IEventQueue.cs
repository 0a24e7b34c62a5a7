namespace Qrie.Domain.Events;

/// <summary>A message of the event queue.</summary>
/// <param name="MessageId">Stays the same across deliveries.</param>
/// <param name="Receipt">Identifies this delivery for deletion; differs for every delivery.</param>
/// <param name="Body">The body as sent.</param>
/// <param name="ReceiveCount">The number of deliveries to any consumer, including this one.</param>
public sealed record EventMessage(string MessageId, string Receipt, string Body, int ReceiveCount);

/// <summary>
/// The queue that delivers CloudTrail events: at least once, in any order, again until a message is deleted.
/// </summary>
public interface IEventQueue
{
    /// <summary>Its name in responses and logs.</summary>
    string Name { get; }

    /// <summary>Waits for messages and returns at most ten.</summary>
    /// <param name="wait">How long to wait if there are none.</param>
    /// <param name="visibility">How long the messages stay hidden from other consumers.</param>
    /// <exception cref="EventQueueException">The queue cannot be read.</exception>
    Task<IReadOnlyList<EventMessage>> ReceiveAsync(TimeSpan wait, TimeSpan visibility, CancellationToken cancel);

    /// <summary>Deletes completed messages. Messages that could not be deleted are delivered again.</summary>
    Task DeleteAsync(IReadOnlyCollection<EventMessage> messages, CancellationToken cancel);

    /// <summary>Sets how long messages stay hidden; zero makes them visible at once.</summary>
    Task ShowAgainAsync(IReadOnlyCollection<EventMessage> messages, TimeSpan after, CancellationToken cancel);

    /// <summary>Sends message bodies. Returns true if all were accepted.</summary>
    Task<bool> SendAsync(IReadOnlyCollection<string> bodies, CancellationToken cancel);

    /// <summary>Reads the current state of the queue.</summary>
    /// <exception cref="EventQueueException">The queue cannot be read.</exception>
    Task<EventQueueState> ReadStateAsync(CancellationToken cancel);

    /// <summary>Receives at most ten messages from the queue's own dead-letter queue; empty if it has none.</summary>
    Task<IReadOnlyList<EventMessage>> ReceiveDeadAsync(TimeSpan visibility, CancellationToken cancel);

    /// <summary>Deletes messages from the queue's own dead-letter queue.</summary>
    Task DeleteDeadAsync(IReadOnlyCollection<EventMessage> messages, CancellationToken cancel);
}

/// <summary>The current state of a queue; counts are approximate.</summary>
/// <param name="Waiting">Visible messages.</param>
/// <param name="InFlight">Messages that were received and not deleted yet.</param>
/// <param name="MaxReceives">The receive count after which the queue moves a message to its dead-letter queue; null if it has none.</param>
/// <param name="Dead">Messages in its dead-letter queue; null if it has none or it cannot be read.</param>
public sealed record EventQueueState(long Waiting, long InFlight, int? MaxReceives, long? Dead);

/// <summary>The event queue cannot be used; the message gives the reason and a remedy.</summary>
public sealed class EventQueueException(string message, Exception? inner = null) : Exception(message, inner);
