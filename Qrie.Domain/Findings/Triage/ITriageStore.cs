namespace Qrie.Domain.Findings.Triage;

/// <summary>Stores what people note about findings.</summary>
public interface ITriageStore
{
    /// <summary>Changes findings that are not resolved, and records the changes. Returns the changed ones as they are now; the others are missing.</summary>
    Task<IReadOnlyList<Finding>> ChangeAsync(
        string organization, IReadOnlyList<FindingIdentity> findings, TriageChange change, TriageActor actor, CancellationToken cancel);

    /// <summary>Adds a comment to a finding, resolved or not; null if there is no such finding.</summary>
    Task<TriageEntry?> CommentAsync(string organization, FindingIdentity finding, string text, TriageActor actor, CancellationToken cancel);

    /// <summary>The newest first.</summary>
    /// <param name="commentsOnly">Leaves out changes without a comment.</param>
    Task<Page<TriageEntry>> ListAsync(string organization, FindingIdentity finding, bool commentsOnly, PageRequest page, CancellationToken cancel);
}

/// <param name="Id">As named in the audit log.</param>
/// <param name="Name">Null if it has none.</param>
public sealed record TriageActor(string Id, string? Name, DateTimeOffset Now);
