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
/// Runs due rechecks: of resources whose change AWS may not have shown yet, and of whole units whose resources reflect something that changed elsewhere.
/// </summary>
public sealed partial class RecheckRunner(
    IEventStore store, IOrganizationStore organizations, IAccountStore accounts, ResourceRefresher refresher,
    InventoryReconciler inventory, FindingsReconciler findings, StaleEvaluations stale,
    ICatalog catalog, EventBudget budget, EventSettings settings, TimeProvider clock, ILogger<RecheckRunner> logger)
{
    private const int AtOnce = 50;
    private const int UnitAttempts = 3;
    private static readonly TimeSpan UnitAgainAfter = TimeSpan.FromSeconds(30);

    /// <summary>How long others leave a recheck alone: single resources take seconds, units are renewed.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(20);

    /// <summary>Rechecks single resources that are due. Returns false if none was.</summary>
    public async Task<bool> RecheckResourcesAsync(CancellationToken cancel)
    {
        var due = await store.ClaimDueAsync(whole: false, clock.GetUtcNow(), Lease, AtOnce, cancel);
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
                ended.Add((recheck, null)); // the account was removed or no longer watches the service, or the catalog no longer has the type
            }
        }

        // Without an event time AWS is called whatever is stored.
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

        // The last recheck was inconclusive: whether the resource changed is unknown.
        await refresher.MarkUnknownAsync(givenUp, cancel);

        await store.AdvanceAsync(ended, cancel);
        return due.Count > 0;
    }

    /// <summary>Reads and evaluates one due unit, as a scan would. Returns false if none was due.</summary>
    public async Task<bool> ReadUnitAsync(CancellationToken cancel)
    {
        if (await store.ClaimDueAsync(whole: true, clock.GetUtcNow(), Lease, 1, cancel) is not [var recheck])
        {
            return false;
        }

        if (!budget.TryTakeUnit(recheck.Organization, recheck.AccountId))
        {
            await store.AdvanceAsync([(recheck, recheck with { DueAt = budget.NextHour })], cancel);
            return true;
        }

        if (!await RenewAsync(recheck, cancel))
        {
            return true;
        }

        Recheck? next = null;
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var read = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var renewing = RenewAsync(recheck, reading, read.Token);
        try
        {
            await ReadUnitAsync(recheck, reading.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return true; // another replica reads it
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException or StoreUnavailableException))
        {
            Log.NotRead(logger, e, recheck.AccountId, recheck.Service, recheck.Region);
            next = recheck.Attempt + 1 < UnitAttempts ? recheck with { Attempt = recheck.Attempt + 1, DueAt = clock.GetUtcNow() + UnitAgainAfter } : null;
        }
        finally
        {
            await read.CancelAsync();
            await renewing;
        }

        await store.AdvanceAsync([(recheck, next)], cancel);
        return true;
    }

    /// <summary>An event during the read causes another read, after the usual delay.</summary>
    private Task<bool> RenewAsync(Recheck recheck, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        return store.RenewAsync(recheck with { DueAt = now + settings.Debounce }, now, Lease, cancel);
    }

    /// <summary>Keeps the claim while the unit is read, and stops the reading when it is lost.</summary>
    private async Task RenewAsync(Recheck recheck, CancellationTokenSource reading, CancellationToken read)
    {
        while (true)
        {
            try
            {
                await Task.Delay(RenewEvery, clock, read);
                if (!await RenewAsync(recheck, read))
                {
                    await reading.CancelAsync();
                    return;
                }
            }
            catch (OperationCanceledException) when (read.IsCancellationRequested)
            {
                return;
            }
            catch (StoreUnavailableException)
            {
                // It may be available again before the claim ends.
            }
        }
    }

    /// <summary>Evaluates some of the verdicts that depend on changed resources. Returns false if none is left.</summary>
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
            // Changes found here were reported by an event, so they are not drift.
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

    /// <summary>Null if no further recheck is needed. A change that was seen is no reason to stop: another may follow.</summary>
    private Recheck? Next(Recheck recheck, RefreshedTarget followed)
    {
        if (followed.Outcome == RefreshOutcome.OverBudget)
        {
            return recheck with { DueAt = budget.NextHour };
        }

        var (next, usual) = (recheck.Attempt + 1, settings.RecheckAfter.Count);
        var settling = followed.IsTransitional || (followed.Outcome == RefreshOutcome.Unreadable && recheck.Attempt >= usual);
        var after = next < usual ? settings.RecheckAfter[next] : settling ? settings.TransitionalRechecksAfter.ElementAtOrDefault(next - usual) : TimeSpan.Zero;
        return after > TimeSpan.Zero ? recheck with { Attempt = next, DueAt = clock.GetUtcNow() + after } : null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Reread {Account}_{Service} in {Region} because of an event: {Changed} resources changed")]
        public static partial void ReadAnew(ILogger logger, string account, string service, string region, long changed);

        [LoggerMessage(2, LogLevel.Error, "Could not reread {Account}_{Service} in {Region} after an event")]
        public static partial void NotRead(ILogger logger, Exception exception, string account, string service, string region);
    }
}
