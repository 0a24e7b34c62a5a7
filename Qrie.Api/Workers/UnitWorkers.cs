using Microsoft.Extensions.Options;
using Qrie.Api.Hosting;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Api.Workers;

/// <summary>Runs the units of scans concurrently. Contains only the timing; the work is done by <see cref="UnitRunner"/>.</summary>
internal sealed partial class UnitWorkers(
    UnitRunner runner, WorkSignal signal, IReplicas replicas, IOptions<ScanOptions> options, TimeProvider clock,
    ILogger<UnitWorkers> logger, Readiness? readiness = null, HintedUnitRunner? hinted = null, IWorkHints? hints = null) : BackgroundService
{
    private const string WorkQueue = "work queue";

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            Enumerable.Range(1, options.Value.Concurrency).Select(n => WorkAsync($"{Environment.MachineName}/{replicas.Id}/{n}", stoppingToken)));

    private async Task WorkAsync(string owner, CancellationToken stopping)
    {
        await Task.Yield();
        var woken = Task.CompletedTask; // at the start, what is there already
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var next = signal.Next;
                if (hinted is not null)
                {
                    woken = await hinted.RunAsync(owner, woken, stopping);
                    Tell();
                }
                else if (!await runner.RunNextAsync(owner, stopping))
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
                // The units are safe in the store; retry until it is available.
                Log.StoreUnavailable(logger, e);
                await Task.Delay(AfterFailure, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // The unit's lease will expire and it is retried; the failure must not end the service.
                Log.Failed(logger, e);
                await Task.Delay(AfterFailure, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Tell()
    {
        if (hints?.Problem is { } problem)
        {
            readiness?.Warn(WorkQueue, problem);
        }
        else
        {
            readiness?.Settle(WorkQueue);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The store is unavailable; scans continue when it is available again")]
        public static partial void StoreUnavailable(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Error, "A worker failed; it continues with the next unit")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
