namespace Qrie.Api.Workers;

/// <summary>
/// Work that runs at startup and then periodically. Failures are logged and retried in the next round: housekeeping must not end the service. Intervals are
/// measured by elapsed time, not the time of day, so that setting the clock back does not delay them.
/// </summary>
internal abstract partial class PeriodicWorker(string name, TimeSpan every, TimeProvider clock, ILogger logger) : BackgroundService
{
    /// <summary>Completes when the next round is requested early: read before a round begins.</summary>
    protected virtual Task Asked { get; } = new TaskCompletionSource().Task;

    protected abstract Task RunOnceAsync(CancellationToken cancel);

    /// <summary>Final work when the process stops.</summary>
    protected virtual Task FinishAsync() => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var asked = Asked;
            await TryAsync(() => RunOnceAsync(stoppingToken), stoppingToken);
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(asked, Task.Delay(every, clock, waiting.Token));
            await waiting.CancelAsync();
        }

        await TryAsync(FinishAsync, stoppingToken);
    }

    private async Task TryAsync(Func<Task> work, CancellationToken stopping)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process is stopping; open work continues after its next start.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.Failed(logger, e, name, every);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Work} failed; retrying within {Every}")]
        public static partial void Failed(ILogger logger, Exception exception, string work, TimeSpan every);
    }
}
