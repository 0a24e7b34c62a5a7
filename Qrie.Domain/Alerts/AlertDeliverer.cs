using Microsoft.Extensions.Logging;

namespace Qrie.Domain.Alerts;

/// <summary>
/// Sends the messages that are due, at least once: an attempt is stored before it begins and its result after it, so a crash in between repeats it with the
/// same delivery id and the same content. Failures are repeated with growing intervals, and given up after <see cref="AlertLimits.Attempts"/>.
/// </summary>
public sealed partial class AlertDeliverer(IAlertStore store, AlertSender sender, TimeProvider clock, ILogger<AlertDeliverer> logger) : IDisposable
{
    private const int MessagesAtOnce = 200;
    private const int DeletedAtOnce = 500;

    /// <summary>Targets that are slow must not hold up the others.</summary>
    private const int Concurrently = 8;

    /// <summary>Longer than any attempt takes: afterwards it counts as lost.</summary>
    private static readonly TimeSpan AttemptLease = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _running = new(1, 1);

    /// <summary>Sends what is due now. Returns how many attempts were made.</summary>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        await _running.WaitAsync(cancel);
        try
        {
            var attempts = 0;
            await Parallel.ForEachAsync(
                await store.ListDueAsync(clock.GetUtcNow(), MessagesAtOnce, cancel),
                new ParallelOptions { MaxDegreeOfParallelism = Concurrently, CancellationToken = cancel },
                async (message, token) =>
                {
                    if (await TryDeliverAsync(message, token))
                    {
                        Interlocked.Increment(ref attempts);
                    }
                });
            return attempts;
        }
        finally
        {
            _running.Release();
        }
    }

    /// <summary>Deletes messages that ended before a time.</summary>
    public async Task DeleteEndedAsync(DateTimeOffset before, CancellationToken cancel)
    {
        while (await store.DeleteEndedAsync(before, DeletedAtOnce, cancel) == DeletedAtOnce)
        {
            cancel.ThrowIfCancellationRequested();
        }
    }

    public void Dispose() => _running.Dispose();

    /// <summary>A failure of one message must not keep the others.</summary>
    private async Task<bool> TryDeliverAsync(AlertDelivery message, CancellationToken cancel)
    {
        try
        {
            return await DeliverAsync(message, cancel);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            Log.Broken(logger, e, message.DeliveryId);
            return false;
        }
    }

    private async Task<bool> DeliverAsync(AlertDelivery message, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (await store.FindAsync(message.Organization, message.AlertId, cancel) is not { } rule)
        {
            return false; // it was deleted with its messages
        }

        if (!rule.Enabled || message.Attempts >= AlertLimits.Attempts)
        {
            await EndWithoutAttemptAsync(rule, message, now);
            return false;
        }

        if (rule.QuietHours?.EndAt(now) is { } quietUntil && message.Status != DeliveryStatus.Sending)
        {
            await store.HoldAsync(message, quietUntil, cancel);
            return false;
        }

        if (await store.BeginAsync(message, now, now + AttemptLease, cancel) is not { } begun)
        {
            return false;
        }

        var result = await sender.SendAsync(rule, begun, cancel);
        var ended = After(begun, result, clock.GetUtcNow());
        await store.EndAsync(ended, CancellationToken.None); // it was sent; it must not be sent again because the process stops
        if (ended.Status == DeliveryStatus.Failed)
        {
            Log.GivenUp(logger, rule.AlertId, message.DeliveryId, ended.Attempts, result.Outcome);
        }

        return true;
    }

    /// <summary>The rule was disabled during an attempt, or the process ended during the last one.</summary>
    private Task EndWithoutAttemptAsync(AlertRule rule, AlertDelivery message, DateTimeOffset now) => store.EndAsync(
        message with
        {
            Status = rule.Enabled ? DeliveryStatus.Failed : DeliveryStatus.Dropped,
            FinishedAt = now,
            Content = message.Content.WithoutNames(),
            Last = rule.Enabled ? new SendResult(SendOutcome.Unreachable, Detail: "Qrie was stopped during the last attempt.") : message.Last,
        },
        CancellationToken.None);

    private static AlertDelivery After(AlertDelivery message, SendResult result, DateTimeOffset now) => result.Outcome switch
    {
        SendOutcome.Delivered => message with
        {
            Status = DeliveryStatus.Delivered,
            FinishedAt = now,
            Last = result,
            Content = message.Content.WithoutNames(),
        },
        _ when message.Attempts >= AlertLimits.Attempts => message with
        {
            Status = DeliveryStatus.Failed,
            FinishedAt = now,
            Last = result,
            Content = message.Content.WithoutNames(),
        },
        _ => message with { Status = DeliveryStatus.Retrying, DueAt = now + RetryAfter(message.Attempts, result.RetryAfter), Last = result },
    };

    /// <summary>Doubled each time, with up to a fifth more, so that many messages do not come back at once.</summary>
    private static TimeSpan RetryAfter(int attempts, TimeSpan? asked)
    {
        var doubled = FirstRetry * Math.Pow(2, attempts - 1);
        var wait = doubled < LongestRetry ? doubled : LongestRetry;
        wait = asked > wait ? (asked < LongestRetry ? asked.Value : LongestRetry) : wait;
        return wait * (1 + (Random.Shared.NextDouble() / 5));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Alert {AlertId}: message {DeliveryId} was given up after {Attempts} attempts: {Outcome}")]
        public static partial void GivenUp(ILogger logger, string alertId, string deliveryId, int attempts, SendOutcome outcome);

        [LoggerMessage(2, LogLevel.Error, "The alert message {DeliveryId} could not be processed; it is tried again")]
        public static partial void Broken(ILogger logger, Exception exception, string deliveryId);
    }
}
