namespace Qrie.Domain.Accounts;

/// <summary>Keeps the accounts. An account id is active in one organization only.</summary>
public interface IAccountStore
{
    /// <summary>Adds an account, or brings back one that is not active, with exactly these settings; its data and its creation time stay.</summary>
    Task<AddAccountOutcome> AddAsync(Account account, CancellationToken cancel);

    /// <summary>Changes accounts in one transaction. Answers what became of each, in the same order.</summary>
    /// <param name="changes">Each account at most once.</param>
    /// <param name="allOrNothing">When one of them cannot be made, none is; the outcomes say what would have become of each.</param>
    Task<IReadOnlyList<AccountChangeResult>> ChangeAsync(
        string organization, IReadOnlyList<AccountChange> changes, bool allOrNothing, CancellationToken cancel);

    Task<Account?> FindAsync(string organization, string accountId, CancellationToken cancel);

    /// <summary>
    /// The account in whatever organization: the one in which it is active, else the one that it was last changed in. Null: it is registered nowhere.
    /// </summary>
    Task<Account?> FindAnywhereAsync(string accountId, CancellationToken cancel);

    /// <summary>Ordered by account id; those that are not active only when asked for.</summary>
    Task<IReadOnlyList<Account>> ListAsync(string organization, bool includeRemoved, CancellationToken cancel);

    /// <summary>How the inventories of accounts went, by account and service; null: of all accounts.</summary>
    Task<IReadOnlyList<AccountHealth>> ListHealthAsync(string organization, string? accountId, CancellationToken cancel);

    /// <summary>
    /// Remembers which regions accounts are to be read in; they could be found out, so that an earlier error of the account as a whole is over.
    /// </summary>
    Task RecordRegionsAsync(string organization, IReadOnlyDictionary<string, IReadOnlyList<string>> regionsByAccount, CancellationToken cancel);

    /// <summary>One unit of a service was read to its end.</summary>
    Task RecordInventoryAsync(string organization, string accountId, string service, DateTimeOffset at, CancellationToken cancel);

    /// <summary>What went wrong beside the lists, which tell of themselves.</summary>
    /// <param name="service">Or <see cref="AccountHealth.Whole"/>.</param>
    Task RecordErrorAsync(string organization, string accountId, string service, AccountError error, CancellationToken cancel);
}

public enum AddAccountOutcome
{
    Added,

    /// <summary>It is active in this organization already; nothing was changed.</summary>
    AlreadyActive,

    /// <summary>It is active in another organization; nothing was changed.</summary>
    ActiveElsewhere,

    /// <summary>Its rows are being deleted; nothing was changed.</summary>
    BeingPurged,
}

/// <summary>A change of one account.</summary>
/// <param name="Change">From the stored account, or null when there is none, to what is to be stored; null: it stays as it
/// is. May be called more than once.</param>
public sealed record AccountChange(string AccountId, Func<Account?, Account?> Change);

/// <summary>What became of a change.</summary>
/// <param name="Before">Null: there was none.</param>
/// <param name="After">Null: there still is none.</param>
public sealed record AccountChangeResult(AccountChangeOutcome Outcome, Account? Before, Account? After);

public enum AccountChangeOutcome
{
    Added,
    Changed,
    Unchanged,

    /// <summary>Refused: it would be active in two organizations.</summary>
    ActiveElsewhere,

    /// <summary>Refused: its rows are being deleted.</summary>
    BeingPurged,
}
