using Microsoft.Extensions.Logging;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Events;

/// <summary>What to do with the messages of a batch; nothing has been done yet.</summary>
/// <param name="Done">To be deleted from the queue.</param>
/// <param name="Again">To be made visible again after a delay.</param>
public sealed record ProcessedBatch(IReadOnlyList<EventMessage> Done, IReadOnlyList<(EventMessage Message, TimeSpan After)> Again);

/// <summary>
/// Processes batches of messages. When <see cref="ProcessAsync"/> returns, all effects of the messages are stored, so the completed ones may be deleted.
/// Processing a message twice only describes its resources twice.
/// </summary>
public sealed partial class EventProcessor(
    EventIntake intake, ResourceRefresher refresher, IEventStore store, EventSettings settings, TimeProvider clock, ILogger<EventProcessor> logger)
{
    /// <param name="messages">A batch received from the queue.</param>
    /// <param name="hasDeadLetterQueue">The queue moves failed messages to its own dead-letter queue.</param>
    /// <param name="cancel">Stops processing; the messages are delivered again.</param>
    /// <exception cref="StoreUnavailableException">It is unknown what was stored: the whole batch must be delivered again.</exception>
    public async Task<ProcessedBatch> ProcessAsync(IReadOnlyList<EventMessage> messages, bool hasDeadLetterQueue, CancellationToken cancel)
    {
        try
        {
            return await TryAsync(messages, hasDeadLetterQueue, cancel);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException or StoreUnavailableException))
        {
            Log.BatchFailed(logger, e, messages.Count);
            return messages.Count > 1 ? await OneByOneAsync(messages, hasDeadLetterQueue, cancel)
                : await GiveUpAsync(messages[0], e, hasDeadLetterQueue, cancel);
        }
    }

    private async Task<ProcessedBatch> TryAsync(IReadOnlyList<EventMessage> messages, bool hasDeadLetterQueue, CancellationToken cancel)
    {
        var received = clock.GetUtcNow();
        var builder = new BatchBuilder(settings, hasDeadLetterQueue, received);
        var read = new List<ReadMessage>(messages.Count);
        foreach (var message in messages)
        {
            read.Add(await intake.ReadAsync(message, cancel));
        }

        // Several events of one resource lead to one description.
        var targets = read.SelectMany(m => m.Targets).GroupBy(t => t.Key).Select(g => g.Aggregate((one, other) => one.With(other))).ToList();
        var followed = (await refresher.RefreshAsync(targets, cancel)).ToDictionary(f => f.Target.Key);
        var evaluated = clock.GetUtcNow();
        foreach (var message in read)
        {
            builder.Add(message, [.. message.Targets.Select(t => followed[t.Key])], evaluated);
        }

        await refresher.MarkUnknownAsync([.. builder.GivenUp.DistinctBy(f => f.Target.Key)], cancel);
        builder.ScheduleRechecks(followed.Values, evaluated);
        await SaveAsync(builder.Result, cancel);
        foreach (var (dead, _) in builder.Result.Dead)
        {
            Log.Dead(logger, dead.MessageId, dead.EventName, dead.AccountId, dead.Reason);
        }

        return builder.Batch;
    }

    /// <summary>Isolates the message that breaks processing from the others.</summary>
    private async Task<ProcessedBatch> OneByOneAsync(IReadOnlyList<EventMessage> messages, bool hasDeadLetterQueue, CancellationToken cancel)
    {
        var batches = new List<ProcessedBatch>();
        foreach (var message in messages)
        {
            batches.Add(await ProcessAsync([message], hasDeadLetterQueue, cancel));
        }

        return new ProcessedBatch([.. batches.SelectMany(b => b.Done)], [.. batches.SelectMany(b => b.Again)]);
    }

    private async Task<ProcessedBatch> GiveUpAsync(EventMessage message, Exception failure, bool hasDeadLetterQueue, CancellationToken cancel)
    {
        var builder = new BatchBuilder(settings, hasDeadLetterQueue, clock.GetUtcNow());
        builder.Fail(await intake.ReadAsync(message, cancel), $"{failure.GetType().Name}: {failure.Message}");
        await SaveAsync(builder.Result, cancel);
        return builder.Batch;
    }

    private async Task SaveAsync(EventBatch batch, CancellationToken cancel)
    {
        await store.SaveBatchAsync(batch, cancel);
        EventTelemetry.Ended(batch);
    }

    /// <summary>Collects the results of the messages of one batch.</summary>
    private sealed class BatchBuilder(EventSettings settings, bool hasDeadLetterQueue, DateTimeOffset received)
    {
        private readonly List<EventMessage> _done = [];
        private readonly List<(EventMessage, TimeSpan)> _again = [];
        private readonly List<MessageResult> _results = [];
        private readonly List<Recheck> _rechecks = [];
        private readonly List<(DeadEvent, MessageResult)> _dead = [];

        /// <summary>Resources that could not be described before their message was dead-lettered.</summary>
        public List<RefreshedTarget> GivenUp { get; } = [];

        public EventBatch Result => new(_results, _rechecks, _dead, received);

        public ProcessedBatch Batch => new(_done, _again);

        public void Add(ReadMessage message, IReadOnlyList<RefreshedTarget> followed, DateTimeOffset evaluated)
        {
            if (message.Ended == MessageOutcome.Malformed)
            {
                DeadLetter(message, message.Reason, MessageOutcome.Malformed, settings.MalformedAfter);
            }
            else if (message.Ended is { } ended)
            {
                End(message, ended, evaluated: null);
            }
            else if (followed.FirstOrDefault(f => f.Outcome == RefreshOutcome.Unreadable) is { } unclear)
            {
                if (Fail(message, $"{unclear.Target.Type.Type} {unclear.Target.Id} could not be described: {unclear.Problem}"))
                {
                    GivenUp.AddRange(followed.Where(f => f.Outcome == RefreshOutcome.Unreadable));
                }
            }
            else if (followed.Where(f => f.Outcome == RefreshOutcome.OverBudget).ToList() is { Count: > 0 } left)
            {
                _rechecks.AddRange(message.Units);
                _rechecks.AddRange(left.Select(f => f.Target.UnitRecheckAt(evaluated + settings.ReadUnitAfter)));
                End(message, MessageOutcome.OverBudget, evaluated: null);
            }
            else
            {
                _rechecks.AddRange(message.Units);
                var stale = message.Units.Count == 0 && followed.All(f => f.Outcome == RefreshOutcome.Stale);
                End(message, stale ? MessageOutcome.Stale : MessageOutcome.Processed, stale ? null : evaluated);
            }
        }

        /// <summary>Returns true if this was the last attempt.</summary>
        public bool Fail(ReadMessage message, string reason) =>
            DeadLetter(message, reason, MessageOutcome.Failed, settings.RetryAfter * message.Message.ReceiveCount);

        /// <summary>
        /// AWS reads may lag behind an event. Redelivery of the message would be an unreliable timer, so a recheck is stored. A change that was seen may belong
        /// to an earlier event, so one final recheck remains. Resources that could not be described are rechecked too: related resources have no message of
        /// their own that would be redelivered.
        /// </summary>
        public void ScheduleRechecks(IEnumerable<RefreshedTarget> followed, DateTimeOffset now)
        {
            var last = settings.RecheckAfter.Count - 1;
            foreach (var one in followed.Where(f => f.Outcome != RefreshOutcome.OverBudget
                && (f.Outcome == RefreshOutcome.Unreadable || f.IsTransitional || now - (f.Target.EventTime ?? received) < settings.ConsistencyWindow)))
            {
                if (one.Outcome == RefreshOutcome.Stale)
                {
                    // The stored description is newer than the event but may predate the moment from which AWS shows the change.
                    var shown = (one.Target.EventTime ?? received) + settings.RecheckAfter[last];
                    if (one.AskedAt < shown)
                    {
                        _rechecks.Add(one.Target.RecheckAt(last, shown > now ? shown : now));
                    }
                }
                else
                {
                    var attempt = one.Outcome == RefreshOutcome.Changed && !(one.Target.Gone && one.Exists) ? last : 0;
                    _rechecks.Add(one.Target.RecheckAt(attempt, now + settings.RecheckAfter[attempt]));
                }
            }
        }

        private bool DeadLetter(ReadMessage message, string reason, MessageOutcome outcome, TimeSpan after)
        {
            var dies = message.Message.ReceiveCount >= settings.Receives;
            if (dies)
            {
                var dead = new DeadEvent(
                    message.Message.MessageId, message.Organization, message.Record?.AccountId ?? "",
                    message.Record?.Region ?? "", SafeText.Clean(message.Record?.Key.ToString() ?? ""),
                    SafeText.Clean(reason), message.Message.ReceiveCount, received, hasDeadLetterQueue, message.Message.Body);
                _dead.Add((dead, ResultOf(message, outcome, null)));
            }

            if (dies && !hasDeadLetterQueue)
            {
                _done.Add(message.Message);
            }
            else
            {
                _again.Add((message.Message, dies ? TimeSpan.Zero : after)); // a queue with a dead-letter queue moves the message there on its next delivery
            }

            return dies;
        }

        private void End(ReadMessage message, MessageOutcome outcome, DateTimeOffset? evaluated)
        {
            _done.Add(message.Message);
            _results.Add(ResultOf(message, outcome, evaluated));
        }

        private MessageResult ResultOf(ReadMessage message, MessageOutcome outcome, DateTimeOffset? evaluated)
        {
            // An event time after the receipt is replaced by the time of receipt, so that the next event is not considered stale.
            var told = message.Record?.Time;
            var time = told > received ? received : told;
            return new MessageResult(
                message.Organization, message.Place.AccountId, message.Place.Region, outcome, time, received - time, evaluated - time)
            {
                IsFromFuture = told > received + settings.StaleMargin,
            };
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A batch of {Count} messages could not be processed")]
        public static partial void BatchFailed(ILogger logger, Exception exception, int count);

        [LoggerMessage(2, LogLevel.Warning, "Dead-lettered message {MessageId} ({EventName} of {Account}): {Reason}")]
        public static partial void Dead(ILogger logger, string messageId, string eventName, string account, string reason);
    }
}
