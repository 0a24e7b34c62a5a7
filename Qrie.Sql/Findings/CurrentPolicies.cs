using Qrie.Domain.Findings;

namespace Qrie.Sql.Findings;

/// <summary>The active policies with their revisions, as a transaction sees them.</summary>
internal sealed class CurrentPolicies(IReadOnlyDictionary<string, long> revisions)
{
    /// <summary>The last policies that were found current: the resources of a batch have mostly the same ones.</summary>
    private IReadOnlyList<JudgedPolicy> _last = [];

    public bool Is(string policyId, long revision) => revisions.TryGetValue(policyId, out var current) && current == revision;

    /// <summary>Are all of them active, with the revisions that were judged by?</summary>
    public bool Are(IReadOnlyList<JudgedPolicy> judged)
    {
        if (IsLast(judged))
        {
            return true;
        }

        foreach (var policy in judged)
        {
            if (!Is(policy.PolicyId, policy.Revision))
            {
                return false;
            }
        }

        _last = judged;
        return true;
    }

    private bool IsLast(IReadOnlyList<JudgedPolicy> judged)
    {
        if (_last.Count != judged.Count)
        {
            return false;
        }

        for (var i = 0; i < judged.Count; i++)
        {
            if (_last[i].Revision != judged[i].Revision || _last[i].PolicyId != judged[i].PolicyId)
            {
                return false;
            }
        }

        return true;
    }
}
