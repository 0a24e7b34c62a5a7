using Qrie.Domain.Catalog;
using Qrie.Domain.Validation;
using Quickenshtein;

namespace Qrie.Domain.Policies;

/// <summary>Suggestions for a policy id that is not in the catalog.</summary>
internal static class UnknownPolicy
{
    /// <summary>The maximum length of a policy id.</summary>
    private const int LongestId = 200;

    public static NotFoundException NotFound(string policyId, ResourceCatalog snapshot) => new(
        $"Policy {(policyId.Length > LongestId ? policyId[..LongestId] + '…' : policyId)} not found. {Near(policyId, snapshot)}");

    public static string Near(string policyId, ResourceCatalog snapshot)
    {
        if (policyId.Length > LongestId)
        {
            return "See GET /policies."; // too long to resemble an id, and comparing takes time
        }

        var near = snapshot.Policies.Select(p => p.Id)
            .OrderBy(known => Levenshtein.GetDistance(known.ToUpperInvariant(), policyId.ToUpperInvariant()))
            .ThenBy(known => known, StringComparer.Ordinal)
            .Take(3);
        return $"Did you mean {string.Join(", ", near)}?";
    }
}
