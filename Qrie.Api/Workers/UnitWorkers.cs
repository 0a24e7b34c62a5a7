using Microsoft.Extensions.Options;
using Qrie.Api.Hosting;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Api.Workers;

/// <summary>Works off the units of scans, several at once. Owns the waiting only; the work is <see cref="UnitRunner"/>'s.</summary>
internal sealed partial class UnitWorkers(UnitRunner runner, WorkSignal signal, IOptions<ScanOptions> options, TimeProvider clock, ILogger<UnitWorkers> logger)
    : BackgroundService
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            Enumerable.Range(1, options.Value.Concurrency).Select(n => WorkAsync($"{Environment.MachineName}/{Environment.ProcessId}/{n}", stoppingToken)));

    private async Task WorkAsync(string owner, CancellationToken stopping)
    {
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var next = signal.Next;
                if (!await runner.RunNextAsync(owner, stopping))
                {
                    await signal.WaitAsync(next, stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (StoreUnavailableException e)
            {
                // The units are safe in the store; it is asked again until it answers.
                Log.StoreUnavailable(logger, e);
                await Task.Delay(AfterFailure, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Whatever it was, the unit's lease runs out and another attempt is made; the service must not end because of it.
                Log.Failed(logger, e);
                await Task.Delay(AfterFailure, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The store cannot be used; scans go on when it can")]
        public static partial void StoreUnavailable(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Error, "A worker failed; it goes on with the next unit")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
