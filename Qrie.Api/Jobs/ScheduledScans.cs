using Microsoft.Extensions.Options;
using Qrie.Api.Hosting;
using Qrie.Domain;
using Qrie.Domain.Management;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Api.Jobs;

/// <summary>
/// Starts the anti-entropy scans over everything; an inventory begins with looking which accounts there are. Whatever that finds or fails of, the scan starts.
/// </summary>
internal sealed partial class ScheduledScans(
    ScanCoordinator coordinator, AccountDiscovery discovery, IOptions<DiscoveryOptions> options, ILogger<ScheduledScans> logger)
{
    /// <param name="scheduledFor">The time it was due; null: somebody wants it now.</param>
    /// <returns>Null: the scan that was due then was begun before.</returns>
    public async Task<Scan?> StartAsync(string organization, ScanKind kind, string trigger, DateTimeOffset? scheduledFor, CancellationToken cancel)
    {
        if (kind == ScanKind.Inventory && options.Value.Enabled && organization == Organizations.Default)
        {
            await DiscoverAsync(organization, cancel);
        }

        return await coordinator.StartAsync(new ScanRequest(organization, kind, ScanType.AntiEntropy, trigger, ScanFilter.Everything, scheduledFor), cancel);
    }

    private async Task DiscoverAsync(string organization, CancellationToken cancel)
    {
        try
        {
            await discovery.RunAsync(organization, confirmRemovals: false, cancel);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException or StoreUnavailableException))
        {
            Log.NotDiscovered(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The accounts could not be discovered; the inventory reads those that are known")]
        public static partial void NotDiscovered(ILogger logger, Exception exception);
    }
}
