using Qrie.Domain.Catalog;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Policies;

/// <summary>The answer to a policy id that the catalog does not have: suggestions.</summary>
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
            .OrderBy(known => EditDistance(known.ToUpperInvariant(), policyId.ToUpperInvariant()))
            .ThenBy(known => known, StringComparer.Ordinal)
            .Take(3);
        return $"Did you mean {string.Join(", ", near)}?";
    }

    private static int EditDistance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
