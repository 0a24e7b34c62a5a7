using System.Data.Common;
using Dapper;
using Qrie.Domain.Scans;
using Qrie.Sql.Database;

namespace Qrie.Sql.Scans;

/// <summary>The AWS calls of scans, and where they were denied.</summary>
internal static class ScanOperationsTable
{
    /// <summary>The maximum per scan: a role that is missing everywhere need not be recorded a hundred thousand times.</summary>
    private const int MostDenials = 1000;

    /// <summary>Must be called in the transaction in which the unit ends.</summary>
    public static async Task CountAsync(DbTransaction transaction, Unit unit, UnitResult result)
    {
        var connection = transaction.Connection!;
        await transaction.ExecuteRowsAsync(
            """
            INSERT INTO scan_operations (organization, scan_id, operation, calls, denied) VALUES (@Organization, @ScanId, @Operation, @Calls, @Denied)
            ON CONFLICT (organization, scan_id, operation) DO UPDATE SET
                calls = scan_operations.calls + excluded.calls, denied = scan_operations.denied + excluded.denied
            """,
            result.Calls.Select(c => new { unit.Organization, unit.ScanId, c.Operation, c.Calls, c.Denied }).ToList());
        var denied = result.Calls.Where(c => c.Denied > 0).ToList();
        if (denied.Count > 0
            && await connection.ExecuteScalarAsync<long>(
                "SELECT count(*) FROM scan_denials WHERE organization = @Organization AND scan_id = @ScanId", unit, transaction) < MostDenials)
        {
            await transaction.ExecuteRowsAsync(
                """
                INSERT INTO scan_denials (organization, scan_id, account_id, operation, n) VALUES (@Organization, @ScanId, @AccountId, @Operation, @Denied)
                ON CONFLICT (organization, scan_id, account_id, operation) DO UPDATE SET n = scan_denials.n + excluded.n
                """,
                denied.Select(c => new { unit.Organization, unit.ScanId, unit.AccountId, c.Operation, c.Denied }).ToList());
        }
    }

    /// <summary>Ordered by operation.</summary>
    public static async Task<IReadOnlyList<ScanOperation>> ReadAsync(DbConnection connection, string organization, string scanId)
    {
        var accounts = (await connection.QueryAsync<(string Operation, string AccountId)>(
            "SELECT operation, account_id FROM scan_denials WHERE organization = @organization AND scan_id = @scanId ORDER BY account_id",
            new { organization, scanId }))
            .ToLookup(d => d.Operation, d => d.AccountId);
        return
        [
            .. (await connection.QueryAsync<(string Operation, long Calls, long Denied)>(
                "SELECT operation, calls, denied FROM scan_operations WHERE organization = @organization AND scan_id = @scanId ORDER BY operation",
                new { organization, scanId }))
                .Select(o => new ScanOperation(o.Operation, o.Calls, o.Denied, [.. accounts[o.Operation]])),
        ];
    }
}
