namespace Qrie.Domain.Events;

/// <summary>Sends an organization's dead-lettered messages back to the queue, which all organizations share.</summary>
public sealed class EventRedrive(EventChannel channel, IEventStore store, EventIntake intake)
{
    private const int AtOnce = 10;
    private const int AtMost = 10_000;

    /// <summary>Long enough to send and delete a batch; messages that were not requested become visible again after it.</summary>
    private static readonly TimeSpan Visibility = TimeSpan.FromSeconds(10);

    /// <param name="organization">The owner of the messages.</param>
    /// <param name="messageIds">The messages to send; null for all.</param>
    /// <param name="cancel">Stops between two batches.</param>
    /// <exception cref="EventQueueException">The queue is not configured or cannot be used.</exception>
    public async Task<RedriveResult> RedriveAsync(string organization, IReadOnlyCollection<string>? messageIds, CancellationToken cancel)
    {
        var queue = channel.Queue ?? throw new EventQueueException("No event queue is configured; set Events:QueueUrl.");
        var dead = await store.FindDeadAsync(organization, messageIds, AtMost, cancel);
        var sent = new HashSet<string>(StringComparer.Ordinal);
        foreach (var batch in dead.Where(d => !d.InQueue).Chunk(AtOnce))
        {
            // Send before deleting: a crash in between sends a message twice, which is harmless, instead of losing it.
            if (await queue.SendAsync([.. batch.Select(d => d.Body)], cancel))
            {
                await store.DeleteDeadAsync(organization, [.. batch.Select(d => d.MessageId)], cancel);
                sent.UnionWith(batch.Select(d => d.MessageId));
            }
        }

        await DrainAsync(organization, queue, messageIds, sent, cancel);
        var left = dead.Select(d => d.MessageId).Where(id => !sent.Contains(id)).ToList();
        return new RedriveResult(sent.Count, left, messageIds is null ? [] : [.. messageIds.Where(id => !sent.Contains(id) && !left.Contains(id))]);
    }

    /// <summary>From the queue's own dead-letter queue, which also contains messages that other consumers received and dropped.</summary>
    private async Task DrainAsync(
        string organization, IEventQueue queue, IReadOnlyCollection<string>? messageIds, HashSet<string> sent, CancellationToken cancel)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (seen.Count < AtMost && await queue.ReceiveDeadAsync(Visibility, cancel) is { Count: > 0 } messages && messages.Any(m => seen.Add(m.MessageId)))
        {
            var own = await OwnAsync(organization, messages, cancel);
            var asked = own.Where(m => messageIds is null || messageIds.Contains(m.MessageId)).ToList();
            if (asked.Count > 0 && await queue.SendAsync([.. asked.Select(m => m.Body)], cancel))
            {
                await queue.DeleteDeadAsync(asked, cancel);
                await store.DeleteDeadAsync(organization, [.. asked.Select(m => m.MessageId)], cancel);
                sent.UnionWith(asked.Select(m => m.MessageId));
            }
        }
    }

    /// <summary>Messages recorded in the store keep their recorded owner; the owner of others is determined from their account.</summary>
    private async Task<List<EventMessage>> OwnAsync(string organization, IReadOnlyList<EventMessage> messages, CancellationToken cancel)
    {
        var owners = await store.FindOwnersOfDeadAsync([.. messages.Select(m => m.MessageId)], cancel);
        var own = new List<EventMessage>();
        foreach (var message in messages)
        {
            if ((owners.GetValueOrDefault(message.MessageId) ?? (await intake.ReadAsync(message, cancel)).Organization) == organization)
            {
                own.Add(message);
            }
        }

        return own;
    }
}

/// <summary>The result of a redrive.</summary>
/// <param name="Redriven">The number of messages sent.</param>
/// <param name="Left">Messages that could not be sent because the queue refused them or has not moved them to its dead-letter queue yet. Try again
/// later.</param>
/// <param name="Unknown">Requested message ids that are not dead-lettered.</param>
public sealed record RedriveResult(int Redriven, IReadOnlyList<string> Left, IReadOnlyList<string> Unknown);
