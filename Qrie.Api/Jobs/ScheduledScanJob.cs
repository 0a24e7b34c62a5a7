using Qrie.Domain.Scans;
using Quartz;

namespace Qrie.Api.Jobs;

/// <summary>
/// Starts the scheduled anti-entropy scan of one kind in one organization; both are in the job's data. A scan for the same time that this or another process
/// has already started is not started again.
/// </summary>
internal sealed class ScheduledScanJob(ScheduledScans scans, ScheduleService schedules) : IJob
{
    public const string Cron = "cron";
    public const string Kind = "kind";
    public const string Organization = "organization";
    public const string Level = "level";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        var data = context.MergedJobDataMap;
        var schedule = new Schedule(
            Enum.Parse<ScanKind>(data.GetString(Kind)!), data.GetString(Cron), Enum.TryParse<ScanLevel>(data.GetString(Level), out var level) ? level : null);

        // Quartz passes the actual time of a late job, which other processes would not recognise as the same.
        var due = schedule.Due(context.ScheduledFireTimeUtc ?? context.FireTimeUtc);
        if (await schedules.IsCurrentAsync(data.GetString(Organization)!, schedule, cancellationToken))
        {
            await scans.StartAsync(data.GetString(Organization)!, schedule, "schedule", due, cancellationToken);
        }
    }
}
