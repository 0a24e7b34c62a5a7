using Qrie.Domain.Alerts;

namespace Qrie.Api.Workers;

/// <summary>Moves events into the messages of alert rules.</summary>
internal sealed class AlertMatchingWorker(AlertMatcher matcher, TimeProvider clock, ILogger<AlertMatchingWorker> logger)
    : PeriodicWorker("Matching alerts", TimeSpan.FromSeconds(5), clock, logger)
{
    protected override Task RunOnceAsync(CancellationToken cancel) => matcher.RunAsync(cancel);
}
