using Qrie.Domain.Scans;

namespace Qrie.Api.Jobs;

/// <summary>At startup, starts the scans that were due while Qrie was not running: one of each kind, for the last missed time.</summary>
internal sealed partial class MissedSchedules(
    ScheduleService schedules, IScanStore scans, ScheduledScans scheduled, TimeProvider clock, ILogger<MissedSchedules> logger)
{
    public async Task RunAsync(CancellationToken cancel)
    {
        foreach (var (organization, schedule, _, since) in (await schedules.ListAllAsync(cancel)).Where(b => b.Schedule.Cron is not null))
        {
            var started = await scans.FindLastScheduledAsync(organization, schedule.Kind, cancel);
            if (schedule.Last(started > since ? started.Value : since, clock.GetUtcNow()) is { } missed)
            {
                Log.Missed(logger, schedule.Kind, missed, organization);
                await scheduled.StartAsync(organization, schedule, "schedule", missed, cancel);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The {Kind} scan of {Organization} due at {Missed:O} was missed while Qrie was not running; starting it now")]
        public static partial void Missed(ILogger logger, ScanKind kind, DateTimeOffset missed, string organization);
    }
}
