using Qrie.Domain.Policies;

namespace Qrie.Dynamo.Findings;

/// <summary>The active policies with their revisions, as they were read.</summary>
internal sealed class CurrentPolicies(IReadOnlyDictionary<string, long> revisions)
{
    public bool IsActive(string policyId) => revisions.ContainsKey(policyId);

    public bool Is(string policyId, long revision) => revisions.TryGetValue(policyId, out var current) && current == revision;

    /// <summary>Whether all of them are active with the evaluated revisions.</summary>
    public bool Are(IReadOnlyList<EvaluatedPolicy> evaluated) => evaluated.All(policy => Is(policy.PolicyId, policy.Revision));
}
