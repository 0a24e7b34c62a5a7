using Microsoft.Extensions.Logging;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Domain.Scans;

/// <summary>Claims and runs units, renewing the lease of each while it runs.</summary>
public sealed partial class UnitRunner(
    IScanStore scans, IAccountStore accounts, InventoryReconciler inventory, FindingsReconciler findings, ICallCounter calls,
    ScanCancellations cancellations, WorkSignal signal, ScanLimits limits, TimeProvider clock, ILogger<UnitRunner> logger, IStoreMeter? store = null)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(5);

    /// <summary>Runs the next free unit. Returns false if there is none.</summary>
    public async Task<bool> RunNextAsync(string owner, CancellationToken cancel)
    {
        if (await scans.ClaimNextAsync(owner, clock.GetUtcNow(), Lease, limits.PerAccount, cancel) is not { } unit)
        {
            return false;
        }

        await RunAsync(unit, cancel);
        return true;
    }

    /// <summary>Claims the next free unit of an inventory, to be run; null if there is none.</summary>
    public Task<Unit?> ClaimInventoryAsync(string owner, CancellationToken cancel) =>
        scans.ClaimNextAsync(owner, clock.GetUtcNow(), Lease, limits.InventoriesPerAccount, cancel, ScanKind.Inventory);

    /// <summary>Runs a claimed unit.</summary>
    public async Task RunAsync(Unit unit, CancellationToken cancel)
    {
        using var logScope = logger.BeginScope(new Dictionary<string, object> { ["ScanId"] = unit.ScanId });
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var cancelledWithScan = cancellations.Link(unit, lost);
        using var stopRenewing = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var run = new Run(unit, calls.Begin(), store?.Begin());
        using var activity = ScanTelemetry.Begin(unit);
        var began = clock.GetTimestamp();
        var renewing = RenewAsync(run, lost, stopRenewing.Token);
        try
        {
            var (status, errors) = await TryAsync(run, lost.Token);
            var result = run.Result(errors);
            // Even while the process is stopping: completed work need not be repeated.
            if (await scans.EndAsync(unit, status, result, clock.GetUtcNow(), CancellationToken.None))
            {
                ScanTelemetry.End(activity, unit, status, result, clock.GetElapsedTime(began));
                Log.Ended(logger, unit.Kind, unit.Place, status);
            }
            else
            {
                Log.Lost(logger, unit.Kind, unit.Place);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The process is stopping: another one, or this one after its restart, continues the unit.
            await scans.ReleaseAsync(unit, CancellationToken.None);
            throw;
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            Log.Lost(logger, unit.Kind, unit.Place);
        }
        catch (StoreUnavailableException e)
        {
            // The store failed, not the unit: it is repeated, and the failure does not count as a crash.
            Log.Waits(logger, e, unit.Kind, unit.Place);
            await stopRenewing.CancelAsync();
            await GiveBackAsync(unit, cancel);
            throw;
        }
        finally
        {
            await stopRenewing.CancelAsync();
            await renewing;
            signal.Wake(); // a unit over the same account and service may have been waiting for this one
        }
    }

    /// <summary>Retries until the store accepts it; when the lease expires, the unit is free anyway.</summary>
    private async Task GiveBackAsync(Unit unit, CancellationToken cancel)
    {
        for (var began = clock.GetTimestamp(); !cancel.IsCancellationRequested && clock.GetElapsedTime(began) < Lease;)
        {
            try
            {
                await scans.ReleaseAsync(unit, CancellationToken.None);
                return;
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(RenewEvery, clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<(UnitStatus Status, IReadOnlyList<UnitError> Errors)> TryAsync(Run run, CancellationToken cancel)
    {
        var unit = run.Unit;
        if (unit.Attempts > limits.Attempts)
        {
            return (UnitStatus.Failed,
                [new UnitError(null, nameof(UnitStatus.Failed), "GaveUp", $"It was started {limits.Attempts} times and never completed.")]);
        }

        try
        {
            return (UnitStatus.Done, await WorkAsync(run, cancel));
        }
        catch (OperationCanceledException) when (run.IsStuck && !cancel.IsCancellationRequested)
        {
            return (UnitStatus.Failed, [new UnitError(null, nameof(UnitStatus.Failed), "Stuck", $"No progress for {limits.StuckAfter}.")]);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or StoreUnavailableException))
        {
            // Errors caused by stopping or losing the unit are not failures of the unit.
            cancel.ThrowIfCancellationRequested();

            // A failing unit does not stop the others; its error is recorded on the unit, in the scan and in the log.
            Log.Failed(logger, e, unit.Kind, unit.Place);
            if (unit.Kind == ScanKind.Inventory)
            {
                await accounts.RecordErrorAsync(
                    unit.Organization, unit.AccountId, unit.Service,
                    new AccountError(unit.Region, null, e.GetType().Name, e.Message, clock.GetUtcNow()), cancel);
            }

            return (UnitStatus.Failed, [new UnitError(null, nameof(UnitStatus.Failed), e.GetType().Name, e.Message)]);
        }
    }

    private async Task<IReadOnlyList<UnitError>> WorkAsync(Run run, CancellationToken cancel)
    {
        var unit = run.Unit;
        var account = await accounts.FindAsync(unit.Organization, unit.AccountId, cancel);
        if (account is not { Status: AccountStatus.Active })
        {
            return [new UnitError(null, "Skipped", "AccountRemoved", "The account is no longer active.")];
        }

        using var working = CancellationTokenSource.CreateLinkedTokenSource(cancel, run.Stuck);
        var scan = await scans.FindAsync(unit.Organization, unit.ScanId, cancel);
        if (unit.Kind == ScanKind.Policy)
        {
            var from = scan!.Filter.Level == ScanLevel.Quick ? Severities.High : Severities.Min;
            await findings.ReconcileAsync(account, unit.Service, unit.ScanId, run.Counters, working.Token, from);
            return [];
        }

        var errors = await inventory.ReconcileAsync(
            unit.Organization, new CollectionUnit(account, unit.Region, unit.Service), unit.ScanId, scan!.ScanType, run.Counters, working.Token);
        await accounts.RecordInventoryAsync(unit.Organization, unit.AccountId, unit.Service, clock.GetUtcNow(), cancel);
        return errors;
    }

    private async Task RenewAsync(Run run, CancellationTokenSource lost, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await Task.Delay(RenewEvery, clock, cancel);
                if (!await scans.RenewAsync(run.Unit, run.Result([]), clock.GetUtcNow(), Lease, cancel))
                {
                    await lost.CancelAsync();
                    return;
                }

                await run.WatchAsync(clock, limits.StuckAfter);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // The store may recover before the lease expires; until then the unit may still complete.
                Log.NotRenewed(logger, e, run.Unit.Kind, run.Unit.Place);
            }
        }
    }

    /// <summary>A running unit.</summary>
    private sealed class Run(Unit unit, ICountedCalls calls, IStoreUse? use) : IDisposable
    {
        private readonly CancellationTokenSource _stuck = new();
        private (long Done, long Timestamp)? _lastProgress;

        public Unit Unit { get; } = unit;

        public ScanCounters Counters { get; } = new();

        public CancellationToken Stuck => _stuck.Token;

        public bool IsStuck => _stuck.IsCancellationRequested;

        /// <summary>Its progress.</summary>
        public UnitResult Result(IReadOnlyList<UnitError> errors)
        {
            var counted = calls.Snapshot();
            var counters = new ScanCounters(Counters.Values);
            counters.Add(ScanCounters.Calls, counted.Sum(c => c.Calls));
            counters.Add(ScanCounters.CallErrors, counted.Sum(c => c.Errors));
            counters.Add(ScanCounters.CallThrottles, counted.Sum(c => c.Throttles));
            counters.Add(ScanCounters.CallRetries, counted.Sum(c => c.Retries));
            Add(counters, use?.Snapshot() ?? []);
            return new UnitResult(counters, errors) { Calls = counted };
        }

        /// <summary>Cancels the unit when neither counters nor calls advance for too long, measured independently of the system clock.</summary>
        public async Task WatchAsync(TimeProvider clock, TimeSpan stuckAfter)
        {
            var done = Counters.Values.Values.Sum() + calls.Snapshot().Sum(c => c.Calls + c.Retries);
            if (_lastProgress is not { } last || last.Done != done)
            {
                _lastProgress = (done, clock.GetTimestamp());
            }
            else if (clock.GetElapsedTime(last.Timestamp) >= stuckAfter)
            {
                await _stuck.CancelAsync();
            }
        }

        private static void Add(ScanCounters counters, IReadOnlyList<StoreRequests> requests)
        {
            counters.Add(ScanCounters.StoreRequests, requests.Sum(r => r.Requests));
            counters.Add(ScanCounters.StoreReadUnits, (long)Math.Ceiling(requests.Sum(r => r.ReadUnits)));
            counters.Add(ScanCounters.StoreWriteUnits, (long)Math.Ceiling(requests.Sum(r => r.WriteUnits)));
            foreach (var operation in requests)
            {
                counters.Add($"{ScanCounters.StoreRequests}_{Meters.Label(operation.Operation)}", operation.Requests);
            }
        }

        public void Dispose()
        {
            calls.Dispose();
            use?.Dispose();
            _stuck.Dispose();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Ended {Kind} of {Place}: {Status}")]
        public static partial void Ended(ILogger logger, ScanKind kind, string place, UnitStatus status);

        [LoggerMessage(2, LogLevel.Error, "{Kind} of {Place} failed")]
        public static partial void Failed(ILogger logger, Exception exception, ScanKind kind, string place);

        [LoggerMessage(3, LogLevel.Warning,
            "Lost the lease of {Kind} of {Place}: its scan was cancelled, or another worker claimed it after the lease expired")]
        public static partial void Lost(ILogger logger, ScanKind kind, string place);

        [LoggerMessage(4, LogLevel.Warning, "Could not renew the lease of {Kind} of {Place}")]
        public static partial void NotRenewed(ILogger logger, Exception exception, ScanKind kind, string place);

        [LoggerMessage(5, LogLevel.Error, "The store is unavailable; {Kind} of {Place} is restarted when it is available again")]
        public static partial void Waits(ILogger logger, Exception exception, ScanKind kind, string place);
    }
}
