using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Domain.Scans;

/// <summary>Starts scans of a level.</summary>
public sealed class ScanLevels(ScanCoordinator coordinator, IScanStore scans)
{
    /// <summary>Starts the policy scan of a level, for <see cref="ScanLevel.Deep"/> after an inventory of what the policies need.</summary>
    /// <exception cref="InvalidInputException">Unknown account, service or policy.</exception>
    public async Task<LeveledScan> StartAsync(LeveledScanRequest request, CancellationToken cancel)
    {
        var filter = request.Filter with { Level = request.Level };
        if (request.ScheduledFor is { } due
            && await scans.FindLastScheduledAsync(request.Organization, ScanKind.Policy, cancel) is { } last && last >= due)
        {
            return new LeveledScan(null, null); // another process started it
        }

        var inventory = request.Level == ScanLevel.Deep
            ? await coordinator.StartAsync(new ScanRequest(request.Organization, ScanKind.Inventory, request.ScanType, request.Trigger, filter), cancel)
            : null;
        return new LeveledScan(
            await coordinator.StartAsync(
                new ScanRequest(
                    request.Organization, ScanKind.Policy, request.ScanType, request.Trigger, filter, request.ScheduledFor, inventory?.ScanId),
                cancel),
            inventory);
    }
}

/// <param name="ScheduledFor">The due time of a scheduled scan; null for a scan on request.</param>
public sealed record LeveledScanRequest(
    string Organization, ScanLevel Level, ScanType ScanType, string Trigger, ScanFilter Filter, DateTimeOffset? ScheduledFor = null);

/// <summary>The scans of a level.</summary>
/// <param name="Policies">Null if the scheduled scan was already started.</param>
/// <param name="Inventory">Null if the level has none.</param>
public sealed record LeveledScan(Scan? Policies, Scan? Inventory);
