using Microsoft.Extensions.Options;
using Qrie.Api.Hosting;
using Qrie.Domain;
using Qrie.Domain.Management;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Api.Jobs;

/// <summary>
/// Starts anti-entropy scans over everything. An inventory is preceded by account discovery; the scan starts even if that fails.
/// </summary>
internal sealed partial class ScheduledScans(
    ScanCoordinator coordinator, ScanLevels levels, IScanStore scans, AccountDiscovery discovery, IReplicas replicas, IOptions<DiscoveryOptions> options,
    ILogger<ScheduledScans> logger)
{
    /// <param name="scheduledFor">The scheduled time; null for a scan on request.</param>
    /// <returns>Null if the scheduled scan was already started.</returns>
    public async Task<Scan?> StartAsync(string organization, Schedule schedule, string trigger, DateTimeOffset? scheduledFor, CancellationToken cancel)
    {
        if (scheduledFor is not { } due)
        {
            return await StartNowAsync(organization, schedule, trigger, null, cancel);
        }

        // Of replicas whose jobs fire at the same time, one does what comes before the scan. The store accepts one scan for that time in any case.
        Scan? started = null;
        await replicas.DoAsync(
            $"schedule {organization} {schedule.Kind}",
            async token =>
            {
                if (await scans.FindLastScheduledAsync(organization, schedule.Kind, token) is not { } last || last < due)
                {
                    started = await StartNowAsync(organization, schedule, trigger, due, token);
                }
            },
            cancel);
        return started;
    }

    private async Task<Scan?> StartNowAsync(
        string organization, Schedule schedule, string trigger, DateTimeOffset? scheduledFor, CancellationToken cancel)
    {
        if (schedule.Kind == ScanKind.Inventory && options.Value.Enabled && organization == Organizations.Default)
        {
            await DiscoverAsync(organization, cancel);
        }

        return schedule is { Kind: ScanKind.Policy, Level: { } level }
            ? (await levels.StartAsync(
                new LeveledScanRequest(organization, level, ScanType.AntiEntropy, trigger, ScanFilter.Everything, scheduledFor), cancel)).Policies
            : await coordinator.StartAsync(
                new ScanRequest(organization, schedule.Kind, ScanType.AntiEntropy, trigger, ScanFilter.Everything, scheduledFor), cancel);
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
        [LoggerMessage(1, LogLevel.Error, "Account discovery failed; the inventory reads the known accounts")]
        public static partial void NotDiscovered(ILogger logger, Exception exception);
    }
}
