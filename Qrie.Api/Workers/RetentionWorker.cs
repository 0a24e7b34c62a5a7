using Qrie.Domain.Management;
using Qrie.Domain.Work;

namespace Qrie.Api.Workers;

/// <summary>Deletes once a day what is older than it is kept (<c>Retention:…</c>).</summary>
internal sealed class RetentionWorker(Retention retention, IReplicas replicas, TimeProvider clock, ILogger<RetentionWorker> logger)
    : PeriodicWorker("Deleting what is past", TimeSpan.FromDays(1), clock, logger)
{
    protected override Task RunOnceAsync(CancellationToken cancel) => replicas.DoAsync("retention", retention.RunAsync, cancel);
}
