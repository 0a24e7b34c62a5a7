using Qrie.Api.Alerts;
using Qrie.Domain.Alerts;

namespace Qrie.Api.Workers;

/// <summary>Sends the messages of alert rules, and deletes old ones once in a while.</summary>
internal sealed class AlertDeliveryWorker(AlertDeliverer deliverer, AlertSettings settings, TimeProvider clock, ILogger<AlertDeliveryWorker> logger)
    : PeriodicWorker("Delivering alerts", TimeSpan.FromSeconds(5), clock, logger)
{
    private static readonly TimeSpan DeleteEvery = TimeSpan.FromHours(1);

    private readonly TimeProvider _clock = clock;
    private long? _deletedAt;

    protected override async Task RunOnceAsync(CancellationToken cancel)
    {
        await deliverer.RunAsync(cancel);
        if (_deletedAt is not { } at || _clock.GetElapsedTime(at) >= DeleteEvery)
        {
            _deletedAt = _clock.GetTimestamp();
            await deliverer.DeleteEndedAsync(_clock.GetUtcNow() - settings.KeepDeliveries, cancel);
        }
    }
}
