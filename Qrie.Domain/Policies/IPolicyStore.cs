namespace Qrie.Domain.Policies;

/// <summary>Keeps the launched policies.</summary>
public interface IPolicyStore
{
    /// <summary>Makes a policy active with the given settings and a new revision, unless it is active already: then null.</summary>
    Task<LaunchedPolicy?> LaunchAsync(LaunchedPolicy policy, CancellationToken cancel);

    /// <summary>
    /// Changes the status of a policy and gives it a new revision, so that every evaluation in flight fails its gate. Null: there is no such
    /// row, or it is deleted.
    /// </summary>
    Task<LaunchedPolicy?> SetStatusAsync(string organization, string policyId, PolicyStatus status, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Changes settings, with a new revision when verdicts or severities may change. Null: there is no such row, or it is deleted.</summary>
    Task<LaunchedPolicy?> UpdateAsync(string organization, string policyId, PolicyChange change, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Null: never launched, or deleted.</summary>
    Task<LaunchedPolicy?> FindAsync(string organization, string policyId, CancellationToken cancel);

    /// <summary>Ordered by id; deleted ones are left out.</summary>
    Task<IReadOnlyList<LaunchedPolicy>> ListAsync(string organization, CancellationToken cancel);
}
