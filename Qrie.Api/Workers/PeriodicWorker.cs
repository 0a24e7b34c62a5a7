namespace Qrie.Api.Workers;

/// <summary>
/// Work that is done at the start and then again and again. Whatever fails is logged and tried again with the next round: a service must not end because of its
/// housekeeping. The rounds follow the time that passes, not the time of day: when the clock is set back by an hour, they go on.
/// </summary>
internal abstract partial class PeriodicWorker(string name, TimeSpan every, TimeProvider clock, ILogger logger) : BackgroundService
{
    /// <summary>Completes when the next round is wanted before its time: taken before a round begins.</summary>
    protected virtual Task Asked { get; } = new TaskCompletionSource().Task;

    protected abstract Task RunOnceAsync(CancellationToken cancel);

    /// <summary>What is still to be done when the process stops.</summary>
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
            // The process stops; what is open is open after its next start.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.Failed(logger, e, name, every);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Work} failed; it is tried again within {Every}")]
        public static partial void Failed(ILogger logger, Exception exception, string work, TimeSpan every);
    }
}
