using Qrie.Domain.Management;
using Qrie.Domain.Work;

namespace Qrie.Api.Workers;

/// <summary>Purges accounts on request, and continues interrupted purges.</summary>
internal sealed class PurgeWorker(AccountPurger purger, IReplicas replicas, TimeProvider clock, ILogger<PurgeWorker> logger)
    : PeriodicWorker("Purging accounts", TimeSpan.FromMinutes(1), clock, logger)
{
    protected override Task Asked => purger.Asked;

    protected override Task RunOnceAsync(CancellationToken cancel) => replicas.DoAsync("purges", purger.RunAsync, cancel);
}
