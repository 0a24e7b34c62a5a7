using Qrie.Domain.Access;
using Qrie.Domain.Compliance;
using Qrie.Domain.Work;

namespace Qrie.Api.Workers;

/// <summary>
/// Records the scores of the day every five minutes, and just before the day ends. If nothing was written in between, a round reads nothing.
/// </summary>
internal sealed partial class ComplianceHistoryWorker(
    ComplianceHistory history, IOrganizationStore organizations, IReplicas replicas, TimeProvider clock,
    ILogger<ComplianceHistoryWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    /// <summary>Before midnight UTC, so that the last changes of a day still count for it.</summary>
    private static readonly TimeSpan BeforeMidnight = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Wait(clock.GetUtcNow()), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await replicas.DoAsync("compliance history", RecordAsync, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Log.Failed(logger, e, Every);
            }
        }
    }

    private async Task RecordAsync(CancellationToken cancel)
    {
        foreach (var (organization, _, _) in await organizations.ListAsync(cancel))
        {
            await history.RecordAsync(organization, cancel);
        }
    }

    /// <summary>To the next round.</summary>
    internal static TimeSpan Wait(DateTimeOffset now)
    {
        var last = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(1) - BeforeMidnight;
        return now < last && last - now < Every ? last - now : Every;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The scores of the day could not be recorded; retrying within {Every}")]
        public static partial void Failed(ILogger logger, Exception exception, TimeSpan every);
    }
}
