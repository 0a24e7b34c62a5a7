namespace Qrie.Domain.Accounts;

/// <summary>
/// Stores the accounts. An account id is active in one organization only, and becomes active in none while it is active or pending in another.
/// </summary>
public interface IAccountStore
{
    /// <summary>Adds an account, or restores one that is not active, with exactly these settings; its data and creation time are kept.</summary>
    Task<AddAccountOutcome> AddAsync(Account account, CancellationToken cancel);

    /// <summary>Changes accounts, each in one step. Returns the outcomes in the same order.</summary>
    /// <param name="changes">Each account at most once.</param>
    /// <param name="allOrNothing">
    /// If one change is refused, none is applied; the outcomes are those that would have resulted. Of more than 25, some may be applied if another process
    /// makes the others refused at the same time.
    /// </param>
    Task<IReadOnlyList<AccountChangeResult>> ChangeAsync(
        string organization, IReadOnlyList<AccountChange> changes, bool allOrNothing, CancellationToken cancel);

    Task<Account?> FindAsync(string organization, string accountId, CancellationToken cancel);

    /// <summary>
    /// The account in any organization: the one in which it is active, else pending, else the one in which it was changed last.
    /// Null if it is not registered anywhere.
    /// </summary>
    Task<Account?> FindAnywhereAsync(string accountId, CancellationToken cancel);

    /// <summary>Ordered by account id; accounts that are not active only on request.</summary>
    Task<IReadOnlyList<Account>> ListAsync(string organization, bool includeRemoved, CancellationToken cancel);

    /// <summary>Whether a unit, or one below it, has an active account.</summary>
    /// <param name="ou">A path with a leading slash and without a trailing one.</param>
    Task<bool> HasAnyInAsync(string organization, string ou, CancellationToken cancel);

    /// <summary>The state of inventories by account and service; null for all accounts.</summary>
    Task<IReadOnlyList<AccountHealth>> ListHealthAsync(string organization, string? accountId, CancellationToken cancel);

    /// <summary>
    /// Records the regions in which accounts are read, and clears an earlier error of the account as a whole.
    /// </summary>
    Task RecordRegionsAsync(string organization, IReadOnlyDictionary<string, IReadOnlyList<string>> regionsByAccount, CancellationToken cancel);

    /// <summary>Records that a unit of a service completed.</summary>
    Task RecordInventoryAsync(string organization, string accountId, string service, DateTimeOffset at, CancellationToken cancel);

    /// <summary>Records errors other than those of lists, which are recorded as coverage.</summary>
    /// <param name="service">Or <see cref="AccountHealth.Whole"/>.</param>
    Task RecordErrorAsync(string organization, string accountId, string service, AccountError error, CancellationToken cancel);
}

public enum AddAccountOutcome
{
    Added,

    /// <summary>It is already active in this organization; nothing was changed.</summary>
    AlreadyActive,

    /// <summary>It is active or pending in another organization; nothing was changed.</summary>
    ActiveElsewhere,

    /// <summary>Its rows are being deleted; nothing was changed.</summary>
    BeingPurged,
}

/// <summary>A change of one account.</summary>
/// <param name="Change">From the stored account (null if there is none) to the account to store (null for no change). May be called more than once.</param>
public sealed record AccountChange(string AccountId, Func<Account?, Account?> Change);

/// <summary>The result of a change.</summary>
/// <param name="Before">Null if there was none.</param>
/// <param name="After">Null if there still is none.</param>
public sealed record AccountChangeResult(AccountChangeOutcome Outcome, Account? Before, Account? After);

public enum AccountChangeOutcome
{
    Added,
    Changed,
    Unchanged,

    /// <summary>Refused: it is active or pending in another organization.</summary>
    ActiveElsewhere,

    /// <summary>Refused: its rows are being deleted.</summary>
    BeingPurged,
}
