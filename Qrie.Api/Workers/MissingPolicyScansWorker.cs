using Qrie.Domain.Management;

namespace Qrie.Api.Workers;

/// <summary>
/// Starts missing scans of active policies every minute: those lost to store failures while this process runs. Those lost to a crash are started at startup.
/// </summary>
internal sealed class MissingPolicyScansWorker(MissingPolicyScans missingScans, TimeProvider clock, ILogger<MissingPolicyScansWorker> logger)
    : PeriodicWorker("Starting missing policy scans", TimeSpan.FromMinutes(1), clock, logger)
{
    /// <summary>Regular scans of policy changes start well within this time.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromMinutes(1);

    protected override Task RunOnceAsync(CancellationToken cancel) => missingScans.StartAsync(MinAge, cancel);
}
