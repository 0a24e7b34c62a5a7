using Qrie.Domain.Access;
using Qrie.Domain.Validation;

namespace Qrie.Api.Workers;

/// <summary>Writes down every minute which keys were used and how many were refused: so often, and no more, however many requests come.</summary>
internal sealed partial class AccessRecording(ApiKeys keys, RefusedLogins refused, TimeProvider clock, ILogger<AccessRecording> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RecordAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await RecordAsync(CancellationToken.None);
        }
    }

    private async Task RecordAsync(CancellationToken cancel)
    {
        try
        {
            await keys.RecordUseAsync(cancel);
            await refused.RecordAsync(cancel);
        }
        catch (StoreUnavailableException e)
        {
            Log.StoreUnavailable(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The store cannot be used; when keys were used in the last minute is not known")]
        public static partial void StoreUnavailable(ILogger logger, Exception exception);
    }
}
