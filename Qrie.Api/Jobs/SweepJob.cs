using Qrie.Domain.Scans;
using Quartz;

namespace Qrie.Api.Jobs;

/// <summary>Every minute: frees what workers left behind.</summary>
[DisallowConcurrentExecution]
internal sealed class SweepJob(ScanSweeper sweeper) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await sweeper.SweepAsync(cancellationToken);
}
