using Qrie.Domain.Management;
using Qrie.Domain.Work;

namespace Qrie.Api.Workers;

/// <summary>
/// Starts missing scans of active policies every minute: those lost to store failures while this process runs. Those lost to a crash are started at startup.
/// </summary>
internal sealed class MissingPolicyScansWorker(
    MissingPolicyScans missingScans, IReplicas replicas, TimeProvider clock, ILogger<MissingPolicyScansWorker> logger)
    : PeriodicWorker("Starting missing policy scans", TimeSpan.FromMinutes(1), clock, logger)
{
    /// <summary>Regular scans of policy changes start well within this time.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromMinutes(1);

    protected override Task RunOnceAsync(CancellationToken cancel) =>
        replicas.DoAsync("missing policy scans", token => missingScans.StartAsync(MinAge, token), cancel);
}
