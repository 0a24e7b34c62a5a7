using Microsoft.Extensions.Logging;
using Qrie.Domain.Access;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Domain.Events;

/// <summary>
/// Rechecks again at what events told of: at resources whose change AWS may not have shown yet, and at whole units whose
/// resources show something that changed elsewhere.
/// </summary>
public sealed partial class RecheckRunner(
    IEventStore store, IOrganizationStore organizations, IAccountStore accounts, ResourceRefresher refresher,
    InventoryReconciler inventory, FindingsReconciler findings, StaleEvaluations stale,
    ICatalog catalog, EventSettings settings, TimeProvider clock, ILogger<RecheckRunner> logger)
{
    private const int AtOnce = 50;
    private const int UnitAttempts = 3;
    private static readonly TimeSpan UnitAgainAfter = TimeSpan.FromSeconds(30);

    /// <summary>Single resources that are due. False: none was.</summary>
    public async Task<bool> RecheckResourcesAsync(CancellationToken cancel)
    {
        var due = await store.ListDueAsync(whole: false, clock.GetUtcNow(), AtOnce, cancel);
        var targets = new List<(Recheck Recheck, EventTarget Target)>();
        var ended = new List<(Recheck, Recheck?)>();
        foreach (var recheck in due)
        {
            if (await TargetOfAsync(recheck, cancel) is { } target)
            {
                targets.Add((recheck, target));
            }
            else
            {
                ended.Add((recheck, null)); // the account was removed or does not watch it any more, or the catalog knows the type no more
            }
        }

        // Told to be looked at: whatever is stored, AWS is asked.
        var followed = await refresher.RefreshAsync([.. targets.Select(t => t.Target with { EventTime = null })], cancel);
        var givenUp = new List<RefreshedTarget>();
        for (var i = 0; i < targets.Count; i++)
        {
            var next = Next(targets[i].Recheck, followed[i]);
            ended.Add((targets[i].Recheck, next));
            if (next is null && followed[i].Outcome == RefreshOutcome.Unreadable)
            {
                givenUp.Add(followed[i]);
            }
        }

        // The last look showed nothing: whether the change came is not known.
        await refresher.MarkUnknownAsync(givenUp, cancel);

        await store.AdvanceAsync(ended, cancel);
        return due.Count > 0;
    }

    /// <summary>One unit that is due: read as a scan reads it, and evaluated. False: none was.</summary>
    public async Task<bool> ReadUnitAsync(CancellationToken cancel)
    {
        if (await store.ListDueAsync(whole: true, clock.GetUtcNow(), 1, cancel) is not [var recheck])
        {
            return false;
        }

        Recheck? next = null;
        try
        {
            await ReadUnitAsync(recheck, cancel);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException or StoreUnavailableException))
        {
            Log.NotRead(logger, e, recheck.AccountId, recheck.Service, recheck.Region);
            next = recheck.Attempt + 1 < UnitAttempts ? recheck with { Attempt = recheck.Attempt + 1, DueAt = clock.GetUtcNow() + UnitAgainAfter } : null;
        }

        await store.AdvanceAsync([(recheck, next)], cancel);
        return true;
    }

    /// <summary>Verdicts that rest on what changed, some at a time. False: none is left.</summary>
    public async Task<bool> EvaluateDependentsAsync(CancellationToken cancel)
    {
        var left = false;
        foreach (var (organization, _, _) in await organizations.ListAsync(cancel))
        {
            left |= await stale.EvaluateAsync(organization, cancel);
        }

        return left;
    }

    private async Task ReadUnitAsync(Recheck recheck, CancellationToken cancel)
    {
        if (await accounts.FindAsync(recheck.Organization, recheck.AccountId, cancel) is { Status: AccountStatus.Active } account
            && account.Watches(recheck.Service) && catalog.Current.FindService(recheck.Service) is not null)
        {
            var scanId = Guid.NewGuid().ToString();
            using var scope = logger.BeginScope(new Dictionary<string, object> { ["ScanId"] = scanId });
            var counters = new ScanCounters();
            // Not an anti-entropy scan: an event told it, so what is found is no drift.
            var unit = new CollectionUnit(account, recheck.Region, recheck.Service);
            await inventory.ReconcileAsync(recheck.Organization, unit, scanId, ScanType.Bootstrap, counters, cancel);
            await findings.ReconcileAsync(account, recheck.Service, scanId, counters, cancel);
            Log.ReadAnew(logger, recheck.AccountId, recheck.Service, recheck.Region, counters[ScanCounters.ResourcesChanged]);
        }
    }

    private async Task<EventTarget?> TargetOfAsync(Recheck recheck, CancellationToken cancel) =>
        catalog.Current.FindType(recheck.Type) is { } type
            && await accounts.FindAsync(recheck.Organization, recheck.AccountId, cancel) is { Status: AccountStatus.Active } account
            && account.Watches(recheck.Service)
            ? new EventTarget(account, type, recheck.Id, recheck.Region, recheck.EventTime, [])
            : null;

    /// <summary>Null: it was looked at often enough. That it has changed is no reason to stop: another change may still be on its way.</summary>
    private Recheck? Next(Recheck recheck, RefreshedTarget followed)
    {
        var (next, usual) = (recheck.Attempt + 1, settings.RecheckAfter.Count);
        var settling = followed.IsTransitional || (followed.Outcome == RefreshOutcome.Unreadable && recheck.Attempt >= usual);
        var after = next < usual ? settings.RecheckAfter[next] : settling ? settings.TransitionalRechecksAfter.ElementAtOrDefault(next - usual) : TimeSpan.Zero;
        return after > TimeSpan.Zero ? recheck with { Attempt = next, DueAt = clock.GetUtcNow() + after } : null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Read {Account}_{Service} in {Region} again because of an event: {Changed} resources changed")]
        public static partial void ReadAnew(ILogger logger, string account, string service, string region, long changed);

        [LoggerMessage(2, LogLevel.Error, "{Account}_{Service} in {Region} could not be read again because of an event")]
        public static partial void NotRead(ILogger logger, Exception exception, string account, string service, string region);
    }
}
