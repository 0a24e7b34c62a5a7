using Quartz;
using Qrie.Domain.Access;
using Qrie.Domain.Scans;

namespace Qrie.Api.Jobs;

/// <summary>Starts the scheduled anti-entropy scan of one kind in every organization; the kind is in the job's data.</summary>
internal sealed class ScheduledScanJob(ScanCoordinator coordinator, IOrganizationStore organizations) : IJob
{
    public const string Kind = "kind";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        var kind = Enum.Parse<ScanKind>(context.MergedJobDataMap.GetString(Kind)!);
        foreach (var (organization, _, _) in await organizations.ListAsync(cancellationToken))
        {
            await coordinator.StartAsync(
                new ScanRequest(
                    organization, kind, ScanType.AntiEntropy, "schedule", ScanFilter.Everything, context.ScheduledFireTimeUtc ?? context.FireTimeUtc),
                cancellationToken);
        }
    }
}
