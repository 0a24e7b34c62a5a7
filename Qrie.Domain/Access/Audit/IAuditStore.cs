namespace Qrie.Domain.Access.Audit;

/// <summary>
/// Stores the audit log. Entries of completed writes are never changed, and deleted only when they are older than the retention settings say.
/// </summary>
public interface IAuditStore
{
    /// <summary>Records the start of a write.</summary>
    Task BeginAsync(AuditEntry entry, CancellationToken cancel);

    /// <summary>Replaces a started entry by the completed ones; by none if nothing was written. It stays until the last of them is stored.</summary>
    Task EndAsync(AuditEntry begun, IReadOnlyList<AuditEntry> done, CancellationToken cancel);

    /// <summary>Newest first.</summary>
    Task<Page<AuditEntry>> ListAsync(string organization, AuditFilter filter, PageRequest page, CancellationToken cancel);
}
