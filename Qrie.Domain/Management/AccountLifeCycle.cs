using Microsoft.Extensions.Logging;
using Qrie.Domain.Accounts;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Domain.Management;

/// <summary>Registers, changes and removes accounts, and starts or cancels the scans that follow.</summary>
public sealed partial class AccountLifeCycle(
    AccountRegistry registry, IAccountStore accounts, IScanStore scans, IPolicyStore policies, ScanCoordinator coordinator, ScanCancellations cancellations,
    WorkSignal signal, TimeProvider clock, ILogger<AccountLifeCycle> logger)
{
    private const string Trigger = "account";

    /// <summary>Registers an account.</summary>
    /// <param name="scan">Start an inventory now, followed by an evaluation of the active policies.</param>
    /// <exception cref="InvalidInputException">The input is invalid.</exception>
    /// <exception cref="ConflictException">It is already registered.</exception>
    public async Task<RegisteredAccount> RegisterAsync(NewAccount input, bool scan, CancellationToken cancel)
    {
        var account = await registry.AddAsync(input, cancel);
        return new RegisteredAccount(account, scan ? await ScanAsync(account.Organization, account.AccountId) : null);
    }

    /// <summary>Changes the settings of an account; evaluates it again if the change may affect policy scopes.</summary>
    public async Task<ChangedAccount> ChangeAsync(
        string organization, string accountId, Func<AccountSettings, AccountSettings> change, CancellationToken cancel)
    {
        var result = await registry.ChangeAsync(organization, accountId, change, cancel);
        var evaluated = result.After!.Status == AccountStatus.Active && AccountSettings.ScopeDiffers(result.Before!, result.After);
        return new ChangedAccount(
            result.After, result.Outcome == AccountChangeOutcome.Changed, evaluated ? await EvaluateAgainAsync(organization, [accountId]) : null);
    }

    /// <summary>Removes an account: its data is kept, its remaining units are cancelled. Returns the number of units.</summary>
    /// <exception cref="NotFoundException">It is not registered.</exception>
    public async Task<int> RemoveAsync(string organization, string accountId, RemovalReason because, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var result =
            (await accounts.ChangeAsync(organization, [new AccountChange(accountId, stored => Removed(stored, because, now))], allOrNothing: true, cancel))[0];
        return result.Before is null
            ? throw AccountRegistry.NotRegistered(accountId)
            : await StopScansAsync(organization, accountId);
    }

    /// <summary>Starts an inventory of one account, followed by a scan of the active policies.</summary>
    public async Task<AccountScans> ScanAsync(string organization, string accountId)
    {
        // Not cancelled with the request: the account is already registered.
        var filter = new ScanFilter(accountId);
        var inventory = await coordinator.StartAsync(
            new ScanRequest(organization, ScanKind.Inventory, ScanType.Bootstrap, Trigger, filter), CancellationToken.None);
        var evaluating = await HasActivePoliciesAsync(organization)
            ? await coordinator.StartAsync(
                new ScanRequest(organization, ScanKind.Policy, ScanType.Bootstrap, Trigger, filter, AfterScanId: inventory!.ScanId), CancellationToken.None)
            : null;
        return new AccountScans(inventory!.ScanId, evaluating?.ScanId);
    }

    /// <summary>
    /// Evaluates accounts whose organizational unit, tags or services changed; unaffected resources are not evaluated. Null if no policy is active.
    /// </summary>
    public async Task<string?> EvaluateAgainAsync(string organization, IReadOnlyCollection<string> accountIds)
    {
        if (accountIds.Count == 0 || !await HasActivePoliciesAsync(organization))
        {
            return null;
        }

        var filter = accountIds.Count == 1 ? new ScanFilter(accountIds.First()) : ScanFilter.Everything;
        return (await coordinator.StartAsync(
            new ScanRequest(organization, ScanKind.Policy, ScanType.Bootstrap, Trigger, filter), CancellationToken.None))!.ScanId;
    }

    /// <summary>The removed account; null if it does not exist or is already removed.</summary>
    internal static Account? Removed(Account? stored, RemovalReason because, DateTimeOffset now) =>
        stored is null || (stored.Status == AccountStatus.Removed && (stored.RemovedBecause == because || because == RemovalReason.LeftOrganization)) ? null
        : stored with { Status = AccountStatus.Removed, RemovedAt = stored.RemovedAt ?? now, RemovedBecause = because, UpdatedAt = now };

    /// <summary>Cancels the remaining units of an account that is no longer active. Returns the number of units.</summary>
    internal async Task<int> StopScansAsync(string organization, string accountId)
    {
        var units = await scans.CancelAccountAsync(organization, accountId, clock.GetUtcNow(), CancellationToken.None);
        await cancellations.CancelAccountAsync(organization, accountId);
        signal.Wake(); // a scan may have been waiting for one that ends here
        Log.Removed(logger, accountId, units);
        return units;
    }

    private async Task<bool> HasActivePoliciesAsync(string organization) =>
        (await policies.ListAsync(organization, CancellationToken.None)).Any(p => p.Status == PolicyStatus.Active);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Account {AccountId} is no longer scanned; {Units} of its units were cancelled")]
        public static partial void Removed(ILogger logger, string accountId, int units);
    }
}

/// <summary>A registered account.</summary>
/// <param name="Scans">Null if none were requested.</param>
public sealed record RegisteredAccount(Account Account, AccountScans? Scans);

/// <summary>An account after a change.</summary>
/// <param name="Changed">False if the settings were the same.</param>
/// <param name="ScanId">The scan that evaluates it again; null if no verdict can change.</param>
public sealed record ChangedAccount(Account Account, bool Changed, string? ScanId);

/// <summary>The first scans of an account.</summary>
/// <param name="PolicyScanId">It waits for the inventory; null if no policy is active.</param>
public sealed record AccountScans(string InventoryScanId, string? PolicyScanId);
