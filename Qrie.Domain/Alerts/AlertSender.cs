using Microsoft.Extensions.Logging;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Alerts;

/// <summary>Sends messages to targets of one kind. Failures are results, not exceptions; an attempt ends within a minute.</summary>
public interface IAlertChannel
{
    AlertTargetKind Kind { get; }

    /// <summary>Adds what is wrong with a new target, as errors of <c>target</c>.</summary>
    void Check(string organization, AlertTarget target, FieldErrors errors);

    Task<SendResult> SendAsync(AlertRule rule, AlertMessage message, CancellationToken cancel);
}

/// <summary>How messages refer to the console.</summary>
/// <param name="Console">The address of the console, without a slash at its end; null if messages have no links.</param>
public sealed record AlertLinks(string? Console);

/// <summary>Chooses the channel of a rule's target.</summary>
public sealed partial class AlertSender(IEnumerable<IAlertChannel> channels, AlertLinks links, TimeProvider clock, ILogger<AlertSender> logger)
{
    /// <summary>Shorter than the lease of an attempt.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(1);

    private readonly Dictionary<AlertTargetKind, IAlertChannel> _channels = channels.ToDictionary(c => c.Kind);

    /// <summary>Makes one attempt. Any failure is a result, except the caller's cancellation.</summary>
    public async Task<SendResult> SendAsync(AlertRule rule, AlertDelivery delivery, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(TimeLimit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            return await _channels[rule.Target.Kind].SendAsync(rule, new AlertMessage(rule, delivery, links), both.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return SendResult.Unreachable;
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            // Its type only: messages of network libraries may contain the address, which is a secret.
            Log.Failed(logger, rule.AlertId, delivery.DeliveryId, e.GetType().Name);
            return SendResult.Unreachable;
        }
    }

    /// <summary>Adds what is wrong with a target.</summary>
    public void Check(string organization, AlertTarget target, FieldErrors errors) => _channels[target.Kind].Check(organization, target, errors);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Alert {AlertId}: message {DeliveryId} could not be sent: {Error}")]
        public static partial void Failed(ILogger logger, string alertId, string deliveryId, string error);
    }
}
