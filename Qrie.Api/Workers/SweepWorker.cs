using Qrie.Domain.Scans;

namespace Qrie.Api.Workers;

/// <summary>
/// Sweeps every minute. Not a Quartz job, because those wait for a time of day: if the clock is set back by an hour, they do not run for an hour.
/// </summary>
internal sealed class SweepWorker(ScanSweeper sweeper, TimeProvider clock, ILogger<SweepWorker> logger)
    : PeriodicWorker("The sweep of scans", TimeSpan.FromMinutes(1), clock, logger)
{
    protected override Task RunOnceAsync(CancellationToken cancel) => sweeper.SweepAsync(cancel);
}
