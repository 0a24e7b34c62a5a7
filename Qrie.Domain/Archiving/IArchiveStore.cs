using Qrie.Domain.Findings;

namespace Qrie.Domain.Archiving;

/// <summary>Stores which archives there are, and reads what goes into them.</summary>
public interface IArchiveStore
{
    /// <summary>Records a requested archive. Returns false if another one for the same reason and account is pending already.</summary>
    Task<bool> AddAsync(Archive archive, CancellationToken cancel);

    Task SaveAsync(Archive archive, CancellationToken cancel);

    Task<Archive?> FindAsync(string organization, string archiveId, CancellationToken cancel);

    /// <summary>Newest first.</summary>
    Task<Page<Archive>> ListAsync(string organization, PageRequest page, CancellationToken cancel);

    /// <summary>Of all organizations, the oldest first.</summary>
    Task<IReadOnlyList<Archive>> ListPendingAsync(CancellationToken cancel);

    /// <summary>The newest archive for a reason and an account that was requested at or after a time; null if there is none.</summary>
    Task<Archive?> FindLastAsync(string organization, ArchiveReason reason, string? accountId, DateTimeOffset since, CancellationToken cancel);

    /// <summary>The newest archive of each reason and account, if it failed.</summary>
    Task<IReadOnlyList<Archive>> ListFailingAsync(string organization, CancellationToken cancel);

    /// <summary>Findings of any state, also of removed accounts, by account_service, ARN and policy.</summary>
    /// <param name="accountId">Null for all accounts.</param>
    /// <param name="after">The last finding of the previous chunk; null to start.</param>
    Task<IReadOnlyList<Finding>> ReadFindingsAsync(string organization, string? accountId, Finding? after, int limit, CancellationToken cancel);
}
