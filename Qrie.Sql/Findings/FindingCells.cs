using System.Data.Common;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings;

/// <summary>Remembers which combinations of what findings are filtered by exist, so that a list looks only where there is something.</summary>
internal static class FindingCells
{
    public static async Task SaveAsync(DbTransaction transaction, SqlDatabase database, string organization, IEnumerable<FindingRow> findings)
    {
        using var write = database.Prepare(
            transaction,
            """
            INSERT INTO finding_cells (organization, policy_id, state, severity, region, type, service)
            VALUES (@organization, @policyId, @state, @severity, @region, @type, @service) ON CONFLICT DO NOTHING
            """,
            "organization", "policyId", "state", "severity", "region", "type", "service");
        foreach (var cell in findings.Select(f => (f.PolicyId, f.State, f.Severity, f.Region, f.Type, f.Service)).Distinct())
        {
            await write.ExecuteAsync(organization, cell.PolicyId, cell.State, cell.Severity, cell.Region, cell.Type, cell.Service);
        }
    }
}
