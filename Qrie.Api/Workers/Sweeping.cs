using Qrie.Domain.Scans;
using Qrie.Domain.Validation;

namespace Qrie.Api.Workers;

/// <summary>
/// Sweeps every minute. Not a Quartz job, because those wait for a time of day: when the clock is set back by an hour, they would not run for an hour.
/// </summary>
internal sealed partial class Sweeping(ScanSweeper sweeper, TimeProvider clock, ILogger<Sweeping> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            do
            {
                await SweepAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops.
        }
    }

    private async Task SweepAsync(CancellationToken cancel)
    {
        try
        {
            await sweeper.SweepAsync(cancel);
        }
        catch (StoreUnavailableException e)
        {
            Log.StoreUnavailable(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The store cannot be used; the next sweep is in a minute")]
        public static partial void StoreUnavailable(ILogger logger, Exception exception);
    }
}
