using Qrie.Domain.Policies;

namespace Qrie.Sql.Findings;

/// <summary>The active policies with their revisions, as seen by a transaction.</summary>
internal sealed class CurrentPolicies(IReadOnlyDictionary<string, long> revisions)
{
    /// <summary>The last policies that were found to be current: the resources of a batch usually have the same ones.</summary>
    private IReadOnlyList<EvaluatedPolicy> _last = [];

    public bool Is(string policyId, long revision) => revisions.TryGetValue(policyId, out var current) && current == revision;

    /// <summary>Whether all of them are active with the evaluated revisions.</summary>
    public bool Are(IReadOnlyList<EvaluatedPolicy> evaluated)
    {
        if (IsLast(evaluated))
        {
            return true;
        }

        foreach (var policy in evaluated)
        {
            if (!Is(policy.PolicyId, policy.Revision))
            {
                return false;
            }
        }

        _last = evaluated;
        return true;
    }

    private bool IsLast(IReadOnlyList<EvaluatedPolicy> evaluated)
    {
        if (_last.Count != evaluated.Count)
        {
            return false;
        }

        for (var i = 0; i < evaluated.Count; i++)
        {
            if (_last[i].Revision != evaluated[i].Revision || _last[i].PolicyId != evaluated[i].PolicyId)
            {
                return false;
            }
        }

        return true;
    }
}
