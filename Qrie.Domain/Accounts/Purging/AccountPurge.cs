namespace Qrie.Domain.Accounts.Purging;

/// <summary>A requested or completed deletion of all rows of an account.</summary>
/// <param name="FinishedAt">Null if rows are left.</param>
/// <param name="Deleted">Deleted rows by table, so far.</param>
/// <param name="Checked">It was checked again later, when nothing could still be writing.</param>
public sealed record AccountPurge(
    string Organization, string AccountId, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt, IReadOnlyDictionary<string, long> Deleted, bool Checked);

/// <summary>Deletes accounts permanently.</summary>
public interface IAccountPurgeStore
{
    /// <summary>Records that an account is to be purged, unless it is already recorded. Returns false if the account is unknown.</summary>
    Task<bool> BeginAsync(string organization, string accountId, DateTimeOffset now, CancellationToken cancel);

    Task<AccountPurge?> FindAsync(string organization, string accountId, CancellationToken cancel);

    /// <summary>The accounts of an organization that are being purged, or were purged and not registered again.</summary>
    Task<IReadOnlySet<string>> ListIdsAsync(string organization, CancellationToken cancel);

    /// <summary>Of all organizations: purges with rows left, and purges completed before a time and not checked again.</summary>
    Task<IReadOnlyList<AccountPurge>> ListOpenAsync(DateTimeOffset endedBefore, CancellationToken cancel);

    /// <summary>Deletes some rows. Returns false, and records the end, if none are left.</summary>
    /// <param name="rows">The maximum per table.</param>
    Task<bool> DeleteNextAsync(string organization, string accountId, int rows, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Starts over, to delete rows that were written meanwhile.</summary>
    Task CheckAgainAsync(string organization, string accountId, CancellationToken cancel);
}
