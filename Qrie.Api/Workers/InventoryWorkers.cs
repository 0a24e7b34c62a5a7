using Microsoft.Extensions.Options;
using Qrie.Api.Hosting;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Api.Workers;

/// <summary>
/// Runs many units of inventories concurrently. They wait for AWS most of the time, whereas policy scans, which <see cref="UnitWorkers"/> run as well, use a
/// processor each. One loop claims for all, so that idle workers do not ask the store.
/// </summary>
internal sealed partial class InventoryWorkers(
    UnitRunner runner, WorkSignal signal, IReplicas replicas, IOptions<ScanOptions> options, TimeProvider clock, ILogger<InventoryWorkers> logger)
    : BackgroundService
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var places = options.Value.InventoryConcurrency;
        if (places == 0)
        {
            return;
        }

        using var free = new SemaphoreSlim(places);
        var running = new List<Task>();
        try
        {
            while (true)
            {
                await free.WaitAsync(stoppingToken);
                var next = signal.Next;
                if (await ClaimAsync(stoppingToken) is { } unit)
                {
                    running.RemoveAll(task => task.IsCompleted);
                    running.Add(RunAsync(unit, free, stoppingToken));
                    continue;
                }

                free.Release();
                await signal.WaitAsync(next, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service is stopping.
        }

        await Task.WhenAll(running);
    }

    private async Task<Unit?> ClaimAsync(CancellationToken stopping)
    {
        try
        {
            return await runner.ClaimInventoryAsync($"{Environment.MachineName}/{replicas.Id}/inventory", stopping);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            Log.NotClaimed(logger, e);
            await Task.Delay(AfterFailure, clock, stopping);
            return null;
        }
    }

    private async Task RunAsync(Unit unit, SemaphoreSlim free, CancellationToken stopping)
    {
        try
        {
            await runner.RunAsync(unit, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Given back.
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
        }
        finally
        {
            free.Release();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The store is unavailable; inventories continue when it is available again")]
        public static partial void StoreUnavailable(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Error, "A unit of an inventory failed; it is run again when its lease expires")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Error, "No unit of an inventory could be claimed; it is tried again")]
        public static partial void NotClaimed(ILogger logger, Exception exception);
    }
}
