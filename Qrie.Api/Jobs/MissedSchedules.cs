using Qrie.Domain.Scans;

namespace Qrie.Api.Jobs;

/// <summary>
/// Starts the scans that were due and not started: at a start those that were due while Qrie was not running, with replicas also those that one of them could
/// not start. One of each kind, for the last missed time.
/// </summary>
internal sealed partial class MissedSchedules(
    ScheduleService schedules, IScanStore scans, ScheduledScans scheduled, TimeProvider clock, ILogger<MissedSchedules> logger)
{
    /// <param name="minAge">What was due more recently is left to the jobs.</param>
    public async Task RunAsync(TimeSpan minAge, CancellationToken cancel)
    {
        foreach (var (organization, schedule, _, since) in (await schedules.ListAllAsync(cancel)).Where(b => b.Schedule.Cron is not null))
        {
            var started = await scans.FindLastScheduledAsync(organization, schedule.Kind, cancel);
            if (schedule.Last(started > since ? started.Value : since, clock.GetUtcNow() - minAge) is { } missed)
            {
                Log.Missed(logger, schedule.Kind, missed, organization);
                await scheduled.StartAsync(organization, schedule, "schedule", missed, cancel);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The {Kind} scan of {Organization} due at {Missed:O} was missed; starting it now")]
        public static partial void Missed(ILogger logger, ScanKind kind, DateTimeOffset missed, string organization);
    }
}
