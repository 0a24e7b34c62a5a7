using System.Data.Common;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings;

/// <summary>Records which combinations of filter values exist, so that lists read only ranges with findings.</summary>
internal static class FindingFacets
{
    public static async Task SaveAsync(DbTransaction transaction, SqlDatabase database, string organization, IEnumerable<FindingRow> findings)
    {
        using var write = database.Prepare(
            transaction,
            """
            INSERT INTO finding_facets (organization, policy_id, state, severity, region, type, service)
            VALUES (@organization, @policyId, @state, @severity, @region, @type, @service) ON CONFLICT DO NOTHING
            """,
            "organization", "policyId", "state", "severity", "region", "type", "service");
        foreach (var facet in findings.Select(f => (f.PolicyId, f.State, f.Severity, f.Region, f.Type, f.Service)).Distinct())
        {
            await write.ExecuteAsync(organization, facet.PolicyId, facet.State, facet.Severity, facet.Region, facet.Type, facet.Service);
        }

        await write.FlushAsync();
    }
}
