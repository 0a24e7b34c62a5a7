using Quartz;
using Qrie.Domain;
using Qrie.Domain.Scans;

namespace Qrie.Api.Jobs;

/// <summary>Starts the scheduled anti-entropy scan of one kind; the kind is in the job's data.</summary>
internal sealed class ScheduledScanJob(ScanCoordinator coordinator) : IJob
{
    public const string Kind = "kind";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        var kind = Enum.Parse<ScanKind>(context.MergedJobDataMap.GetString(Kind)!);
        await coordinator.StartAsync(
            new ScanRequest(
                Organizations.Default, kind, ScanType.AntiEntropy, "schedule", ScanFilter.Everything,
                context.ScheduledFireTimeUtc ?? context.FireTimeUtc),
            cancellationToken);
    }
}
