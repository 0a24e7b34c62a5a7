namespace Qrie.Domain.Access.Audit;

/// <summary>Keeps the audit. Nothing that was done is ever changed or taken away.</summary>
public interface IAuditStore
{
    /// <summary>Notes that a write begins.</summary>
    Task BeginAsync(AuditEntry entry, CancellationToken cancel);

    /// <summary>Puts what was done in the place of what was begun, in one transaction; nothing: it came to no write.</summary>
    Task EndAsync(AuditEntry begun, IReadOnlyList<AuditEntry> done, CancellationToken cancel);

    /// <summary>Newest first.</summary>
    Task<Page<AuditEntry>> ListAsync(string organization, AuditFilter filter, PageRequest page, CancellationToken cancel);
}
