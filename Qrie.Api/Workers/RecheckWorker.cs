using Qrie.Domain.Events;

namespace Qrie.Api.Workers;

/// <summary>Runs due rechecks. Contains only the timing; the work is done by <see cref="RecheckRunner"/>.</summary>
internal sealed partial class RecheckWorker(RecheckRunner rechecks, EventChannel channel, TimeProvider clock, ILogger<RecheckWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);

    // Units take long and must not delay resources.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => channel.Queue is null
        ? Task.CompletedTask
        : Task.WhenAll(
            WorkAsync(rechecks.RecheckResourcesAsync, stoppingToken),
            WorkAsync(rechecks.ReadUnitAsync, stoppingToken), WorkAsync(rechecks.EvaluateDependentsAsync, stoppingToken));

    private async Task WorkAsync(Func<CancellationToken, Task<bool>> work, CancellationToken stopping)
    {
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            var wait = Every;
            try
            {
                wait = await work(stopping) ? TimeSpan.Zero : Every;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // The rows stay due.
                Log.Failed(logger, e);
                wait = AfterFailure;
            }

            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Rechecks failed; retrying in a few seconds")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
