using Microsoft.Extensions.Logging;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Events;

/// <summary>What is to become of the messages of a batch; nothing of it is done yet.</summary>
/// <param name="Done">To be deleted.</param>
/// <param name="Again">To be shown again after a time.</param>
public sealed record ProcessedBatch(IReadOnlyList<EventMessage> Done, IReadOnlyList<(EventMessage Message, TimeSpan After)> Again);

/// <summary>
/// Processes batches of messages. When it answers, everything that follows from the messages is in the store: those that are done may be deleted. To process a
/// message twice is to describe its resources twice.
/// </summary>
public sealed partial class EventProcessor(
    EventIntake intake, EventFollower follower, IEventStore store, EventSettings settings, TimeProvider clock, ILogger<EventProcessor> logger)
{
    /// <param name="messages">Some messages.</param>
    /// <param name="queueBuries">The queue moves messages to a dead-letter queue of its own.</param>
    /// <param name="cancel">Ends it; the messages come again.</param>
    /// <exception cref="StoreUnavailableException">Nothing of the batch is certain: all of it must come again.</exception>
    public async Task<ProcessedBatch> ProcessAsync(IReadOnlyList<EventMessage> messages, bool queueBuries, CancellationToken cancel)
    {
        try
        {
            return await TryAsync(messages, queueBuries, cancel);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException or StoreUnavailableException))
        {
            Log.BatchFailed(logger, e, messages.Count);
            return messages.Count > 1 ? await OneByOneAsync(messages, queueBuries, cancel) : await GiveUpAsync(messages[0], e, queueBuries, cancel);
        }
    }

    private async Task<ProcessedBatch> TryAsync(IReadOnlyList<EventMessage> messages, bool queueBuries, CancellationToken cancel)
    {
        var received = clock.GetUtcNow();
        var settling = new Settling(settings, queueBuries, received);
        var read = new List<ReadMessage>(messages.Count);
        foreach (var message in messages)
        {
            read.Add(await intake.ReadAsync(message, cancel));
        }

        // Several events of one resource are one description.
        var targets = read.SelectMany(m => m.Targets).GroupBy(t => t.Key).Select(g => g.Aggregate((one, other) => one.With(other))).ToList();
        var followed = (await follower.FollowAsync(targets, cancel)).ToDictionary(f => f.Target.Key);
        var judged = clock.GetUtcNow();
        foreach (var message in read)
        {
            settling.Add(message, [.. message.Targets.Select(t => followed[t.Key])], judged);
        }

        await follower.MarkUnknownAsync([.. settling.GivenUp.DistinctBy(f => f.Target.Key)], cancel);
        settling.LookAgain(followed.Values, judged);
        await store.SettleAsync(settling.Result, cancel);
        foreach (var (dead, _) in settling.Result.Dead)
        {
            Log.Dead(logger, dead.MessageId, dead.EventName, dead.AccountId, dead.Reason);
        }

        return settling.Batch;
    }

    /// <summary>One of them breaks the processing; it must not stop the others.</summary>
    private async Task<ProcessedBatch> OneByOneAsync(IReadOnlyList<EventMessage> messages, bool queueBuries, CancellationToken cancel)
    {
        var batches = new List<ProcessedBatch>();
        foreach (var message in messages)
        {
            batches.Add(await ProcessAsync([message], queueBuries, cancel));
        }

        return new ProcessedBatch([.. batches.SelectMany(b => b.Done)], [.. batches.SelectMany(b => b.Again)]);
    }

    private async Task<ProcessedBatch> GiveUpAsync(EventMessage message, Exception failure, bool queueBuries, CancellationToken cancel)
    {
        var settling = new Settling(settings, queueBuries, clock.GetUtcNow());
        settling.Fail(await intake.ReadAsync(message, cancel), $"{failure.GetType().Name}: {failure.Message}");
        await store.SettleAsync(settling.Result, cancel);
        return settling.Batch;
    }

    /// <summary>Gathers what becomes of the messages of one batch.</summary>
    private sealed class Settling(EventSettings settings, bool queueBuries, DateTimeOffset received)
    {
        private readonly List<EventMessage> _done = [];
        private readonly List<(EventMessage, TimeSpan)> _again = [];
        private readonly List<EventTally> _tallies = [];
        private readonly List<EventLook> _looks = [];
        private readonly List<(DeadEvent, EventTally)> _dead = [];

        /// <summary>What could not be described until its message died.</summary>
        public List<FollowedTarget> GivenUp { get; } = [];

        public EventSettlement Result => new(_tallies, _looks, _dead, received);

        public ProcessedBatch Batch => new(_done, _again);

        public void Add(ReadMessage message, IReadOnlyList<FollowedTarget> followed, DateTimeOffset judged)
        {
            if (message.Ended == MessageOutcome.Malformed)
            {
                Bury(message, message.Reason, MessageOutcome.Malformed, settings.MalformedAfter);
            }
            else if (message.Ended is { } ended)
            {
                End(message, ended, judged: null);
            }
            else if (followed.FirstOrDefault(f => f.Outcome == FollowOutcome.Unclear) is { } unclear)
            {
                if (Fail(message, $"{unclear.Target.Type.Type} {unclear.Target.Id} could not be described: {unclear.Problem}"))
                {
                    GivenUp.AddRange(followed.Where(f => f.Outcome == FollowOutcome.Unclear));
                }
            }
            else
            {
                _looks.AddRange(message.Units);
                var stale = message.Units.Count == 0 && followed.All(f => f.Outcome == FollowOutcome.Stale);
                End(message, stale ? MessageOutcome.Stale : MessageOutcome.Processed, stale ? null : judged);
            }
        }

        /// <summary>True: that was its last chance.</summary>
        public bool Fail(ReadMessage message, string reason) =>
            Bury(message, reason, MessageOutcome.Failed, settings.RetryAfter * message.Message.ReceiveCount);

        /// <summary>
        /// AWS may not show yet what an event tells of. A redelivery of the message would be a bad clock: the look is stored. Where something
        /// changed, that may have been the event before this one, so that one last look remains. What could not be described is looked at again too:
        /// what lies beside has no message that comes again.
        /// </summary>
        public void LookAgain(IEnumerable<FollowedTarget> followed, DateTimeOffset now)
        {
            var last = settings.LookAgainAfter.Count - 1;
            foreach (var one in followed.Where(
                f => f.Outcome == FollowOutcome.Unclear || f.IsSettling || now - (f.Target.EventTime ?? received) < settings.SettlesWithin))
            {
                if (one.Outcome == FollowOutcome.Stale)
                {
                    // What is stored is newer than the event, and may still be from before AWS showed it.
                    var shown = (one.Target.EventTime ?? received) + settings.LookAgainAfter[last];
                    if (one.AskedAt < shown)
                    {
                        _looks.Add(one.Target.LookAt(last, shown > now ? shown : now));
                    }
                }
                else
                {
                    var attempt = one.Outcome == FollowOutcome.Changed && !(one.Target.Gone && one.Exists) ? last : 0;
                    _looks.Add(one.Target.LookAt(attempt, now + settings.LookAgainAfter[attempt]));
                }
            }
        }

        private bool Bury(ReadMessage message, string reason, MessageOutcome outcome, TimeSpan after)
        {
            var dies = message.Message.ReceiveCount >= settings.Receives;
            if (dies)
            {
                var dead = new DeadEvent(
                    message.Message.MessageId, message.Organization, message.Record?.AccountId ?? "",
                    message.Record?.Region ?? "", message.Record?.Key.ToString() ?? "",
                    reason, message.Message.ReceiveCount, received, queueBuries, message.Message.Body);
                _dead.Add((dead, TallyOf(message, outcome, null)));
            }

            if (dies && !queueBuries)
            {
                _done.Add(message.Message);
            }
            else
            {
                _again.Add((message.Message, dies ? TimeSpan.Zero : after)); // a queue that buries does so when it would deliver it once more
            }

            return dies;
        }

        private void End(ReadMessage message, MessageOutcome outcome, DateTimeOffset? judged)
        {
            _done.Add(message.Message);
            _tallies.Add(TallyOf(message, outcome, judged));
        }

        private EventTally TallyOf(ReadMessage message, MessageOutcome outcome, DateTimeOffset? judged)
        {
            // Nothing happens later than one hears of it; what is told so counts as of its receipt, so that the next event is still news.
            var told = message.Record?.Time;
            var time = told > received ? received : told;
            return new EventTally(
                message.Organization, message.Record?.AccountId ?? "", message.Record?.Region ?? "", outcome, time, received - time, judged - time)
            {
                IsFromFuture = told > received + settings.StaleMargin,
            };
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A batch of {Count} messages could not be processed")]
        public static partial void BatchFailed(ILogger logger, Exception exception, int count);

        [LoggerMessage(2, LogLevel.Warning, "Message {MessageId} ({EventName} of {Account}) is dead: {Reason}")]
        public static partial void Dead(ILogger logger, string messageId, string eventName, string account, string reason);
    }
}
