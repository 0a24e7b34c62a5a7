namespace Qrie.Domain.Policies;

/// <summary>Stores the launched policies.</summary>
public interface IPolicyStore
{
    /// <summary>Activates a policy with the given settings and a new revision; null if it is already active.</summary>
    Task<LaunchedPolicy?> LaunchAsync(LaunchedPolicy policy, CancellationToken cancel);

    /// <summary>
    /// Changes the status of a policy and gives it a new revision, so that evaluations in progress are refused. Null if there is no such policy or it is
    /// deleted.
    /// </summary>
    Task<LaunchedPolicy?> SetStatusAsync(string organization, string policyId, PolicyStatus status, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Changes settings, with a new revision if verdicts or severities may change. Null if there is no such policy or it is deleted.</summary>
    Task<LaunchedPolicy?> UpdateAsync(string organization, string policyId, PolicyChange change, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Null if it was never launched or is deleted.</summary>
    Task<LaunchedPolicy?> FindAsync(string organization, string policyId, CancellationToken cancel);

    /// <summary>Ordered by id, excluding deleted ones.</summary>
    Task<IReadOnlyList<LaunchedPolicy>> ListAsync(string organization, CancellationToken cancel);

    /// <summary>Those with the given ids, ordered by id, excluding deleted ones.</summary>
    Task<IReadOnlyList<LaunchedPolicy>> ListAsync(string organization, IEnumerable<string> policyIds, CancellationToken cancel);
}
