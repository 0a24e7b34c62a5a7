using Qrie.Domain.Accounts.Purging;
using Qrie.Domain.Validation;

namespace Qrie.Api.Workers;

/// <summary>Purges accounts as soon as somebody asks for it, and goes on with what a crash cut off.</summary>
internal sealed partial class Purging(AccountPurger purger, TimeProvider clock, ILogger<Purging> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                var next = purger.Asked;
                await RunAsync(stoppingToken);
                await Task.WhenAny(next, Task.Delay(Every, clock, stoppingToken));
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops; the rest is deleted after its next start.
        }
    }

    private async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            await purger.RunAsync(cancel);
        }
        catch (StoreUnavailableException e)
        {
            Log.StoreUnavailable(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The store cannot be used; accounts are purged later")]
        public static partial void StoreUnavailable(ILogger logger, Exception exception);
    }
}
