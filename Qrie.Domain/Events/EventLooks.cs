using Microsoft.Extensions.Logging;
using Qrie.Domain.Access;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Events;

/// <summary>
/// Looks again at what events told of: at resources whose change AWS may not have shown yet, and at whole units whose
/// resources show something that changed elsewhere.
/// </summary>
public sealed partial class EventLooks(
    IEventStore store, IOrganizationStore organizations, IAccountStore accounts, EventFollower follower,
    InventoryReconciler inventory, FindingsReconciler findings, UnderminedVerdicts undermined,
    ICatalog catalog, EventSettings settings, TimeProvider clock, ILogger<EventLooks> logger)
{
    private const int AtOnce = 50;
    private const int UnitAttempts = 3;
    private static readonly TimeSpan UnitAgainAfter = TimeSpan.FromSeconds(30);

    /// <summary>Single resources that are due. False: none was.</summary>
    public async Task<bool> LookAtResourcesAsync(CancellationToken cancel)
    {
        var due = await store.ListDueAsync(whole: false, clock.GetUtcNow(), AtOnce, cancel);
        var targets = new List<(EventLook Look, EventTarget Target)>();
        var ended = new List<(EventLook, EventLook?)>();
        foreach (var look in due)
        {
            if (await TargetOfAsync(look, cancel) is { } target)
            {
                targets.Add((look, target));
            }
            else
            {
                ended.Add((look, null)); // the account was removed or does not watch it any more, or the catalog knows the type no more
            }
        }

        // Told to be looked at: whatever is stored, AWS is asked.
        var followed = await follower.FollowAsync([.. targets.Select(t => t.Target with { EventTime = null })], cancel);
        var givenUp = new List<FollowedTarget>();
        for (var i = 0; i < targets.Count; i++)
        {
            var next = Next(targets[i].Look, followed[i]);
            ended.Add((targets[i].Look, next));
            if (next is null && followed[i].Outcome == FollowOutcome.Unclear)
            {
                givenUp.Add(followed[i]);
            }
        }

        // The last look showed nothing: whether the change came is not known.
        await follower.MarkUnknownAsync(givenUp, cancel);

        await store.AdvanceAsync(ended, cancel);
        return due.Count > 0;
    }

    /// <summary>One unit that is due: read as a scan reads it, and judged. False: none was.</summary>
    public async Task<bool> ReadUnitAsync(CancellationToken cancel)
    {
        if (await store.ListDueAsync(whole: true, clock.GetUtcNow(), 1, cancel) is not [var look])
        {
            return false;
        }

        EventLook? next = null;
        try
        {
            await ReadUnitAsync(look, cancel);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException or StoreUnavailableException))
        {
            Log.NotRead(logger, e, look.AccountId, look.Service, look.Region);
            next = look.Attempt + 1 < UnitAttempts ? look with { Attempt = look.Attempt + 1, DueAt = clock.GetUtcNow() + UnitAgainAfter } : null;
        }

        await store.AdvanceAsync([(look, next)], cancel);
        return true;
    }

    /// <summary>Verdicts that rest on what changed, some at a time. False: none is left.</summary>
    public async Task<bool> JudgeDependentsAsync(CancellationToken cancel)
    {
        var left = false;
        foreach (var (organization, _, _) in await organizations.ListAsync(cancel))
        {
            left |= await undermined.JudgeAsync(organization, cancel);
        }

        return left;
    }

    private async Task ReadUnitAsync(EventLook look, CancellationToken cancel)
    {
        if (await accounts.FindAsync(look.Organization, look.AccountId, cancel) is { Status: AccountStatus.Active } account
            && account.Watches(look.Service) && catalog.Current.FindService(look.Service) is not null)
        {
            var scanId = Guid.NewGuid().ToString();
            using var scope = logger.BeginScope(new Dictionary<string, object> { ["ScanId"] = scanId });
            var counters = new ScanCounters();
            // Not an anti-entropy scan: an event told it, so what is found is no drift.
            var unit = new CollectionUnit(account, look.Region, look.Service);
            await inventory.ReconcileAsync(look.Organization, unit, scanId, ScanType.Bootstrap, counters, cancel);
            await findings.ReconcileAsync(account, look.Service, scanId, counters, cancel);
            Log.ReadAnew(logger, look.AccountId, look.Service, look.Region, counters[ScanCounters.ResourcesChanged]);
        }
    }

    private async Task<EventTarget?> TargetOfAsync(EventLook look, CancellationToken cancel) =>
        catalog.Current.FindType(look.Type) is { } type
            && await accounts.FindAsync(look.Organization, look.AccountId, cancel) is { Status: AccountStatus.Active } account
            && account.Watches(look.Service)
            ? new EventTarget(account, type, look.Id, look.Region, look.EventTime, [])
            : null;

    /// <summary>Null: it was looked at often enough. That it has changed is no reason to stop: another change may still be on its way.</summary>
    private EventLook? Next(EventLook look, FollowedTarget followed)
    {
        var (next, usual) = (look.Attempt + 1, settings.LookAgainAfter.Count);
        var settling = followed.IsSettling || (followed.Outcome == FollowOutcome.Unclear && look.Attempt >= usual);
        var after = next < usual ? settings.LookAgainAfter[next] : settling ? settings.SettlingLooksAfter.ElementAtOrDefault(next - usual) : TimeSpan.Zero;
        return after > TimeSpan.Zero ? look with { Attempt = next, DueAt = clock.GetUtcNow() + after } : null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Read {Account}_{Service} in {Region} anew because of an event: {Changed} resources changed")]
        public static partial void ReadAnew(ILogger logger, string account, string service, string region, long changed);

        [LoggerMessage(2, LogLevel.Error, "{Account}_{Service} in {Region} could not be read anew because of an event")]
        public static partial void NotRead(ILogger logger, Exception exception, string account, string service, string region);
    }
}
