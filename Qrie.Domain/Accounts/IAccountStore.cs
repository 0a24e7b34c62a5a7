namespace Qrie.Domain.Accounts;

/// <summary>Keeps the accounts. An account id is active in one organization only.</summary>
public interface IAccountStore
{
    Task<AddAccountOutcome> AddAsync(Account account, CancellationToken cancel);

    Task<Account?> FindAsync(string organization, string accountId, CancellationToken cancel);

    /// <summary>The active account of any organization; null: it is not registered, or removed everywhere.</summary>
    Task<Account?> FindActiveAsync(string accountId, CancellationToken cancel);

    /// <summary>Ordered by account id; removed ones only when asked for.</summary>
    Task<IReadOnlyList<Account>> ListAsync(string organization, bool includeRemoved, CancellationToken cancel);

    /// <summary>Remembers which regions accounts are to be read in.</summary>
    Task RecordRegionsAsync(string organization, IReadOnlyDictionary<string, IReadOnlyList<string>> regionsByAccount, CancellationToken cancel);

    Task RecordInventoryAsync(string organization, string accountId, DateTimeOffset at, CancellationToken cancel);
}

public enum AddAccountOutcome
{
    Added,

    /// <summary>It is active in this organization already; nothing was changed.</summary>
    AlreadyActive,

    /// <summary>It is active in another organization; nothing was changed.</summary>
    ActiveElsewhere,
}
