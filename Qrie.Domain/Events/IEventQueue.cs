namespace Qrie.Domain.Events;

/// <summary>A message of the event queue.</summary>
/// <param name="MessageId">The same when it is delivered again.</param>
/// <param name="Receipt">What deletes it; another one with every delivery.</param>
/// <param name="Body">As it was sent.</param>
/// <param name="ReceiveCount">How often it was delivered, this time included, to whoever received it.</param>
public sealed record EventMessage(string MessageId, string Receipt, string Body, int ReceiveCount);

/// <summary>
/// The queue that CloudTrail events arrive in. Delivers at least once, in any order: a message comes again until it is deleted.
/// </summary>
public interface IEventQueue
{
    /// <summary>What it is called in answers and logs.</summary>
    string Name { get; }

    /// <summary>Waits for messages, at most ten.</summary>
    /// <param name="wait">How long, when there are none.</param>
    /// <param name="visibility">How long nobody else gets them.</param>
    /// <exception cref="EventQueueException">The queue cannot be read.</exception>
    Task<IReadOnlyList<EventMessage>> ReceiveAsync(TimeSpan wait, TimeSpan visibility, CancellationToken cancel);

    /// <summary>Deletes messages that are done. What could not be deleted comes again.</summary>
    Task DeleteAsync(IReadOnlyCollection<EventMessage> messages, CancellationToken cancel);

    /// <summary>Lets messages come again after a time, zero for at once; also holds them longer.</summary>
    Task ShowAgainAsync(IReadOnlyCollection<EventMessage> messages, TimeSpan after, CancellationToken cancel);

    /// <summary>Sends bodies. True: all of them arrived.</summary>
    Task<bool> SendAsync(IReadOnlyCollection<string> bodies, CancellationToken cancel);

    /// <summary>What it is and holds now.</summary>
    /// <exception cref="EventQueueException">The queue cannot be read.</exception>
    Task<EventQueueState> ReadStateAsync(CancellationToken cancel);

    /// <summary>Takes messages out of its own dead-letter queue, at most ten; empty: there are none, or it has none.</summary>
    Task<IReadOnlyList<EventMessage>> ReceiveDeadAsync(TimeSpan visibility, CancellationToken cancel);

    /// <summary>Deletes messages from its own dead-letter queue.</summary>
    Task DeleteDeadAsync(IReadOnlyCollection<EventMessage> messages, CancellationToken cancel);
}

/// <summary>A queue as it is now; numbers are approximate.</summary>
/// <param name="Waiting">Messages that can be received.</param>
/// <param name="InFlight">Messages that somebody has received and not deleted.</param>
/// <param name="MaxReceives">After so many receives the queue itself moves a message to its dead-letter queue; null: it has none.</param>
/// <param name="Dead">Messages in its dead-letter queue; null: it has none, or it cannot be read.</param>
public sealed record EventQueueState(long Waiting, long InFlight, int? MaxReceives, long? Dead);

/// <summary>The event queue cannot be used; the message says why and what helps.</summary>
public sealed class EventQueueException(string message, Exception? inner = null) : Exception(message, inner);
