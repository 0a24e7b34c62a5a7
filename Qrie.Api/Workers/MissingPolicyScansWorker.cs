using Qrie.Domain.Management;

namespace Qrie.Api.Workers;

/// <summary>
/// Checks every minute for policies that nobody evaluates by: of what a failing store left behind while this process runs. The start looks after what a crash
/// left.
/// </summary>
internal sealed class MissingPolicyScansWorker(MissingPolicyScans missingScans, TimeProvider clock, ILogger<MissingPolicyScansWorker> logger)
    : PeriodicWorker("Starting scans that policies are owed", TimeSpan.FromMinutes(1), clock, logger)
{
    /// <summary>Whoever changes a policy starts its scan well within this.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    protected override Task RunOnceAsync(CancellationToken cancel) => missingScans.StartAsync(_patience, cancel);
}
