namespace Qrie.Domain.Findings.Exceptions;

/// <summary>
/// Stores exceptions, and brings findings into line with them. The state of a finding follows from the exceptions that are in force: the write gate of verdicts
/// applies them, and a change of an exception is pending until all findings that it concerns were considered again.
/// </summary>
public interface IExceptionStore
{
    /// <summary>Stores exceptions, pending. Many of them need not be one transaction.</summary>
    /// <param name="most">How many may be in force at once.</param>
    /// <returns>False, and nothing is stored, if there would be more.</returns>
    Task<bool> AddAsync(IReadOnlyList<FindingException> exceptions, int most, CancellationToken cancel);

    /// <summary>Changes owner, reason, ticket and expiry of an exception that is in force; null if it is not.</summary>
    Task<FindingException?> ChangeAsync(string organization, string exceptionId, ExceptionChange change, CancellationToken cancel);

    /// <summary>Removes an exception that is in force, pending; null if it is not.</summary>
    Task<FindingException?> RemoveAsync(string organization, string exceptionId, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Null if there never was one.</summary>
    Task<FindingException?> FindAsync(string organization, string exceptionId, CancellationToken cancel);

    /// <summary>The newest first.</summary>
    Task<Page<FindingException>> ListAsync(string organization, ExceptionFilter filter, PageRequest page, CancellationToken cancel);

    /// <summary>How many findings exceptions hold, from the counts; without those of removed accounts. Exceptions that hold none are missing.</summary>
    Task<IReadOnlyDictionary<string, long>> CountFindingsAsync(string organization, IReadOnlyCollection<string> exceptionIds, CancellationToken cancel);

    /// <summary>Ends exceptions of all organizations that have expired, pending. Returns how many.</summary>
    Task<int> ExpireAsync(DateTimeOffset now, CancellationToken cancel);

    /// <summary>Exceptions in force that expire before a time and were not returned before.</summary>
    Task<IReadOnlyList<FindingException>> TakeExpiringAsync(DateTimeOffset before, CancellationToken cancel);

    /// <summary>Pending exceptions of all organizations.</summary>
    Task<IReadOnlyList<FindingException>> ListPendingAsync(CancellationToken cancel);

    /// <summary>
    /// Considers findings again that are not resolved: they become suppressed or active as the exceptions in force say. Returns how many changed.
    /// </summary>
    Task<int> ReconsiderAsync(string organization, IReadOnlyList<FindingIdentity> findings, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Considers up to <paramref name="limit"/> findings again that an ended exception still holds. Returns how many; 0 if none is left.</summary>
    Task<int> ReleaseAsync(string organization, string exceptionId, DateTimeOffset now, int limit, CancellationToken cancel);

    /// <summary>No longer pending, unless its status has changed since.</summary>
    Task SettleAsync(FindingException exception, CancellationToken cancel);
}

/// <summary>New values; null for no change.</summary>
/// <param name="Ticket">Empty for no ticket.</param>
public sealed record ExceptionChange(string? Owner, string? Reason, string? Ticket, DateTimeOffset? ExpiresAt);

/// <summary>The filter of a list of exceptions; all given conditions must hold, null means unrestricted.</summary>
/// <param name="PolicyId">Those that name this policy.</param>
/// <param name="AccountId">Those that name this account, or none.</param>
/// <param name="ExpiresBefore">In force, and expiring before this.</param>
public sealed record ExceptionFilter(string? PolicyId, string? AccountId, ExceptionStatus? Status, DateTimeOffset? ExpiresBefore);
