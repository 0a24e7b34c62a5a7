using Qrie.Domain.Scans;
using Quartz;

namespace Qrie.Api.Jobs;

/// <summary>Starts the scheduled anti-entropy scan of one kind in one organization; both are in the job's data. A time that was begun before, here or elsewhere, is not begun again.</summary>
internal sealed class ScheduledScanJob(ScheduledScans scans) : IJob
{
    public const string Kind = "kind";
    public const string Organization = "organization";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        var kind = Enum.Parse<ScanKind>(context.MergedJobDataMap.GetString(Kind)!);
        await scans.StartAsync(context.MergedJobDataMap.GetString(Organization)!, kind, "schedule", context.ScheduledFireTimeUtc ?? context.FireTimeUtc, cancellationToken);
    }
}
