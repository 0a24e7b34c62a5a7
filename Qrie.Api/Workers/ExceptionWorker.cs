using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Work;

namespace Qrie.Api.Workers;

/// <summary>Ends exceptions that have expired, and brings findings into line with those that were created or have ended.</summary>
internal sealed class ExceptionWorker(
    ExceptionPasses passes, ExceptionRegistry registry, IReplicas replicas, TimeProvider clock, ILogger<ExceptionWorker> logger)
    : PeriodicWorker("Applying exceptions", TimeSpan.FromMinutes(1), clock, logger)
{
    protected override Task Asked => registry.Asked;

    protected override Task RunOnceAsync(CancellationToken cancel) => replicas.DoAsync("exceptions", passes.RunAsync, cancel);
}
