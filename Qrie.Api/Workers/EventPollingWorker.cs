using Microsoft.Extensions.Options;
using Qrie.Api.Hosting;
using Qrie.Domain.Events;

namespace Qrie.Api.Workers;

/// <summary>
/// Receives events and passes them to <see cref="EventProcessor"/>. Each poller has one batch at a time; other messages stay in the queue. On shutdown
/// unfinished messages are made visible again at once.
/// </summary>
internal sealed partial class EventPollingWorker(
    EventChannel channel, EventProcessor processor, IOptions<EventOptions> options, TimeProvider clock, ILogger<EventPollingWorker> logger) : BackgroundService
{
    /// <summary>The maximum of SQS: an empty queue costs three requests a minute.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan GiveBackWithin = TimeSpan.FromSeconds(5);

    /// <summary>The redrive policy may change at run time.</summary>
    private static readonly TimeSpan StateEvery = TimeSpan.FromMinutes(1);

    private volatile CachedState? _state;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => channel.Queue is { } queue
        ? Task.WhenAll(Enumerable.Range(0, options.Value.Pollers).Select(_ => PollAsync(queue, stoppingToken)))
        : Task.CompletedTask;

    private async Task PollAsync(IEventQueue queue, CancellationToken stopping)
    {
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var buries = await HasDeadLetterQueueAsync(queue, stopping);
                var messages = await queue.ReceiveAsync(Wait, options.Value.Visibility, stopping);
                channel.Problem = null;
                if (messages.Count > 0)
                {
                    channel.NoteReceived(messages.Count, clock.GetUtcNow());
                    await HandleAsync(queue, messages, buries, stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Whatever happens, messages are safe in the queue.
                channel.Problem = e.Message;
                Log.Failed(logger, e, queue.Name);
                await Task.Delay(AfterFailure, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task HandleAsync(IEventQueue queue, IReadOnlyList<EventMessage> messages, bool buries, CancellationToken stopping)
    {
        using var handled = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var holding = HoldAsync(queue, messages, handled.Token);
        try
        {
            var batch = await processor.ProcessAsync(messages, buries, stopping);
            await handled.CancelAsync();
            await holding;
            await queue.DeleteAsync(batch.Done, stopping);
            foreach (var again in batch.Again.GroupBy(m => m.After))
            {
                await queue.ShowAgainAsync([.. again.Select(m => m.Message)], again.Key, stopping);
            }
        }
        catch (Exception e)
        {
            await handled.CancelAsync();
            await holding;
            await GiveBackAsync(queue, messages, e is OperationCanceledException ? TimeSpan.Zero : AfterFailure);
            throw;
        }
    }

    /// <summary>Extends the visibility timeout of messages in progress.</summary>
    private async Task HoldAsync(IEventQueue queue, IReadOnlyList<EventMessage> messages, CancellationToken handled)
    {
        while (!handled.IsCancellationRequested)
        {
            await Task.Delay(options.Value.Visibility / 2, clock, handled).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (!handled.IsCancellationRequested)
                {
                    await queue.ShowAgainAsync(messages, options.Value.Visibility, handled);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or EventQueueException)
            {
                // Another consumer may receive them too; processing is idempotent.
            }
        }
    }

    private async Task GiveBackAsync(IEventQueue queue, IReadOnlyList<EventMessage> messages, TimeSpan after)
    {
        try
        {
            using var timeout = new CancellationTokenSource(GiveBackWithin, clock);
            await queue.ShowAgainAsync(messages, after, timeout.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or EventQueueException)
        {
            Log.NotGivenBack(logger, e, messages.Count, options.Value.Visibility);
        }
    }

    private async Task<bool> HasDeadLetterQueueAsync(IEventQueue queue, CancellationToken cancel)
    {
        if (_state is not { } state || clock.GetElapsedTime(state.Timestamp) > StateEvery)
        {
            channel.LastState = await queue.ReadStateAsync(cancel);
            _state = state = new CachedState(clock.GetTimestamp(), channel.LastState.MaxReceives is not null);
        }

        return state.HasDeadLetterQueue;
    }

    private sealed record CachedState(long Timestamp, bool HasDeadLetterQueue);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Could not process events of {Queue}; retrying in a few seconds")]
        public static partial void Failed(ILogger logger, Exception exception, string queue);

        [LoggerMessage(2, LogLevel.Warning, "Could not make {Count} messages visible again; they are delivered again after {Visibility}")]
        public static partial void NotGivenBack(ILogger logger, Exception exception, int count, TimeSpan visibility);
    }
}
