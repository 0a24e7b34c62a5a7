namespace Qrie.Domain.Accounts.Purging;

/// <summary>That all rows of an account are to be deleted, or were.</summary>
/// <param name="FinishedAt">Null: rows are left.</param>
/// <param name="Deleted">Rows by table, so far.</param>
/// <param name="Checked">It was looked again afterwards, when nobody could be writing any more.</param>
public sealed record AccountPurge(
    string Organization, string AccountId, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt, IReadOnlyDictionary<string, long> Deleted, bool Checked);

/// <summary>Deletes accounts for good.</summary>
public interface IAccountPurgeStore
{
    /// <summary>Notes that an account is to be purged, unless it is noted already. False: it is neither registered nor noted.</summary>
    Task<bool> BeginAsync(string organization, string accountId, DateTimeOffset now, CancellationToken cancel);

    Task<AccountPurge?> FindAsync(string organization, string accountId, CancellationToken cancel);

    /// <summary>The accounts of an organization that are being purged, or were and have not been registered again.</summary>
    Task<IReadOnlySet<string>> ListIdsAsync(string organization, CancellationToken cancel);

    /// <summary>Of all organizations: those with rows left, and those that ended before a time without having been looked at again.</summary>
    Task<IReadOnlyList<AccountPurge>> ListOpenAsync(DateTimeOffset endedBefore, CancellationToken cancel);

    /// <summary>Deletes some rows in one transaction. False: there are none left, which is noted.</summary>
    /// <param name="rows">At most so many of one table.</param>
    Task<bool> DeleteNextAsync(string organization, string accountId, int rows, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Begins again, to look whether somebody wrote while it went on.</summary>
    Task CheckAgainAsync(string organization, string accountId, CancellationToken cancel);
}
