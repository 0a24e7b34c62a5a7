using Qrie.Api.Archiving;
using Qrie.Domain.Access;
using Qrie.Domain.Archiving;
using Qrie.Domain.Work;

namespace Qrie.Api.Workers;

/// <summary>Writes requested and scheduled archives.</summary>
internal sealed class ArchiveWorker(
    Archives archives, ArchiveSchedule schedule, IOrganizationStore organizations, IReplicas replicas, TimeProvider clock, ILogger<ArchiveWorker> logger)
    : PeriodicWorker("Archiving findings", TimeSpan.FromMinutes(10), clock, logger)
{
    protected override Task Asked => archives.Asked;

    protected override Task RunOnceAsync(CancellationToken cancel) => replicas.DoAsync("archives", WriteAsync, cancel);

    private async Task WriteAsync(CancellationToken cancel)
    {
        await archives.RunAsync(cancel);
        if (schedule.Every is { } every)
        {
            foreach (var (organization, _, _) in await organizations.ListAsync(cancel))
            {
                await archives.RunScheduledAsync(organization, every, cancel);
            }
        }
    }
}
