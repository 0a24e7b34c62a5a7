using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;

namespace Qrie.Domain.Dashboard;

/// <summary>The sums of finding counts (contract.md section 1.10).</summary>
public sealed class FindingsSummary(IReadOnlyList<FindingCount> counts)
{
    public long Total => counts.Sum(c => c.N);

    public long Open => Sum(FindingState.Active);

    public long Resolved => Sum(FindingState.Resolved);

    public long Suppressed => Sum(FindingState.Suppressed);

    /// <summary>By policy id; policies without findings are missing.</summary>
    public IReadOnlyList<PolicyFindings> Policies { get; } =
    [
        .. counts.GroupBy(c => c.PolicyId)
            .Select(g => new PolicyFindings(g.Key, Sum(g, FindingState.Active), Sum(g, FindingState.Resolved), Sum(g, FindingState.Suppressed)))
            .Where(p => p.Total > 0)
            .OrderBy(p => p.PolicyId, StringComparer.Ordinal),
    ];

    /// <summary>ACTIVE findings of a band.</summary>
    public long OpenOf(SeverityBand band) => counts.Where(c => c.Band == band && c.State == FindingState.Active).Sum(c => c.N);

    private long Sum(FindingState state) => Sum(counts, state);

    private static long Sum(IEnumerable<FindingCount> counts, FindingState state) => counts.Where(c => c.State == state).Sum(c => c.N);
}

/// <summary>The findings of one policy.</summary>
public sealed record PolicyFindings(string PolicyId, long Open, long Resolved, long Suppressed)
{
    public long Total => Open + Resolved + Suppressed;
}
