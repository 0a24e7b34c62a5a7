using Microsoft.Extensions.Logging;
using Qrie.Domain.Accounts;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;

namespace Qrie.Domain.Scans;

/// <summary>Claims units and works them off, holding the lease of each while it runs.</summary>
public sealed partial class UnitRunner(
    IScanStore scans, IAccountStore accounts, InventoryReconciler inventory, FindingsReconciler findings, WorkSignal signal, TimeProvider clock,
    ILogger<UnitRunner> logger)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(15);

    /// <summary>Works off the next free unit. False: there is none now.</summary>
    public async Task<bool> RunNextAsync(string owner, CancellationToken cancel)
    {
        if (await scans.ClaimNextAsync(owner, clock.GetUtcNow(), Lease, cancel) is not { } unit)
        {
            return false;
        }

        using var logScope = logger.BeginScope(new Dictionary<string, object> { ["ScanId"] = unit.ScanId });
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var stopRenewing = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var renewing = RenewAsync(unit, lost, stopRenewing.Token);
        try
        {
            var (status, result) = await TryAsync(unit, lost.Token);
            // Also while the process stops: what is done need not be done again.
            if (await scans.EndAsync(unit, status, result, clock.GetUtcNow(), CancellationToken.None))
            {
                Log.Ended(logger, unit.Kind, unit.Place, status);
            }
            else
            {
                Log.Lost(logger, unit.Kind, unit.Place);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The process stops: somebody else, or this one after its restart, goes on with it.
            await scans.ReleaseAsync(unit, CancellationToken.None);
            throw;
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            Log.Lost(logger, unit.Kind, unit.Place);
        }
        finally
        {
            await stopRenewing.CancelAsync();
            await renewing;
            signal.Wake(); // a unit over the same account and service may have waited for this one
        }

        return true;
    }

    private async Task<(UnitStatus Status, UnitResult Result)> TryAsync(Unit unit, CancellationToken cancel)
    {
        try
        {
            return (UnitStatus.Done, await WorkAsync(unit, cancel));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // What breaks because the unit was stopped or lost is no failure of the unit.
            cancel.ThrowIfCancellationRequested();

            // One failing unit never stops the others; what it failed of is on the unit, in the scan and in the log.
            Log.Failed(logger, e, unit.Kind, unit.Place);
            var error = new UnitError(null, nameof(UnitStatus.Failed), e.GetType().Name, e.Message);
            return (UnitStatus.Failed, new UnitResult(new ScanCounters(), [error]));
        }
    }

    private async Task<UnitResult> WorkAsync(Unit unit, CancellationToken cancel)
    {
        var account = await accounts.FindAsync(unit.Organization, unit.AccountId, cancel);
        if (account is not { Status: AccountStatus.Active })
        {
            return new UnitResult(new ScanCounters(), [new UnitError(null, "Skipped", "AccountRemoved", "The account is not active any more.")]);
        }

        if (unit.Kind == ScanKind.Policy)
        {
            return await findings.ReconcileAsync(account, unit.Service, unit.ScanId, cancel);
        }

        var result = await inventory.ReconcileAsync(
            unit.Organization, new CollectionUnit(account, unit.Region, unit.Service), unit.ScanId, cancel);
        await accounts.RecordInventoryAsync(unit.Organization, unit.AccountId, clock.GetUtcNow(), cancel);
        return result;
    }

    private async Task RenewAsync(Unit unit, CancellationTokenSource lost, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await Task.Delay(RenewEvery, clock, cancel);
                if (!await scans.RenewAsync(unit, clock.GetUtcNow(), Lease, cancel))
                {
                    await lost.CancelAsync();
                    return;
                }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // The store may be back before the lease runs out; until then the unit may well finish.
                Log.NotRenewed(logger, e, unit.Kind, unit.Place);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Ended {Kind} of {Place}: {Status}")]
        public static partial void Ended(ILogger logger, ScanKind kind, string place, UnitStatus status);

        [LoggerMessage(2, LogLevel.Error, "Failed {Kind} of {Place}")]
        public static partial void Failed(ILogger logger, Exception exception, ScanKind kind, string place);

        [LoggerMessage(3, LogLevel.Warning, "Lost the lease of {Kind} of {Place}; whoever has it now finishes it")]
        public static partial void Lost(ILogger logger, ScanKind kind, string place);

        [LoggerMessage(4, LogLevel.Warning, "Could not renew the lease of {Kind} of {Place}")]
        public static partial void NotRenewed(ILogger logger, Exception exception, ScanKind kind, string place);
    }
}
