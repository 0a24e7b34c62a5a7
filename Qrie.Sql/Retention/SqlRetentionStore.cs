using System.Data.Common;
using Dapper;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Management;
using Qrie.Sql.Database;
using Qrie.Sql.Findings;

namespace Qrie.Sql.Retention;

public sealed class SqlRetentionStore(SqlDatabase database) : IRetentionStore
{
    /// <summary>Counts by period, with the column that names it and the other columns of the key.</summary>
    private static readonly (string Table, string Period, string Key)[] _periods =
    [
        ("finding_history", "period", "account_id, period, change"),
        ("policy_history", "period", "account_id, policy_id, period, change"),
        ("resolution_days", "day", "account_id, band, day"),
        ("event_counts", "day", "account_id, region, day, outcome"),
        ("event_lags", "day", "account_id, region, day, evaluated, bucket"),
    ];

    /// <summary>What belongs to a finding.</summary>
    private static readonly string[] _ofFinding = ["finding_triage", "triage_entries", "exception_evidence", "findings"];

    /// <summary>What belongs to a scan, with the other columns of the key.</summary>
    private static readonly (string Table, string Key)[] _ofScan =
    [
        ("units", "account_id, region, service"),
        ("scan_progress", "account_id, service"),
        ("scan_operations", "operation"),
        ("scan_denials", "account_id, operation"),
        ("drift_counts", "account_id, region, type"),
        ("drift_samples", "account_service, arn, change"),
    ];

    public Task<int> DeleteHistoryAsync(string organization, DateTimeOffset before, int rows, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            async transaction =>
            {
                var deleted = await DeleteFindingsAsync(transaction, organization, before, rows);
                // A week may begin in the month before it, of which counts of months are still needed.
                var key = new { organization, day = Columns.Day(Periods.DayOf(before)), month = Columns.Day(Periods.MonthOf(before)), rows };
                foreach (var (table, period, columns) in _periods)
                {
                    deleted += deleted > 0 ? 0 : await DeleteRowsAsync(
                        transaction, table, columns, period == "period" ? "period < @month" : "day < @day", key);
                }

                return deleted > 0 ? deleted : await DeleteRowsAsync(
                    transaction, "compliance_days d", "account_id, framework, section, day",
                    """
                    day < @day AND EXISTS (
                        SELECT 1 FROM compliance_days later
                        WHERE later.organization = d.organization AND later.account_id = d.account_id AND later.framework = d.framework
                          AND later.section = d.section AND later.day > d.day AND later.day <= @day)
                    """,
                    key);
            },
            cancel);

    public Task<int> DeleteAuditAsync(string organization, DateTimeOffset before, int rows, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            transaction => DeleteRowsAsync(
                transaction, "audit", "at, audit_id", "at < @before", new { organization, before = Columns.Ms(before), rows }),
            cancel);

    public async Task<int> DeleteScansAsync(string organization, DateTimeOffset before, int rows, CancellationToken cancel)
    {
        // Read apart from the transaction that deletes: what is old enough does not become younger, and what is needed remains so.
        var scanId = await database.ReadAsync(
            organization,
            connection => connection.QueryFirstOrDefaultAsync<string?>(
                """
                SELECT s.scan_id FROM scans s
                JOIN (SELECT kind, filter, max(created_at) AS last, max(CASE WHEN status = 'completed' THEN created_at END) AS complete,
                             max(scheduled_for) AS scheduled
                      FROM scans WHERE organization = @organization GROUP BY kind, filter) newest
                  ON newest.kind = s.kind AND newest.filter = s.filter
                WHERE s.organization = @organization AND s.finished_at < @before AND s.created_at < newest.last
                  AND (s.status <> 'completed' OR s.created_at < newest.complete)
                  AND (s.scheduled_for IS NULL OR s.scheduled_for < newest.scheduled)
                  AND s.scan_id NOT IN (SELECT scan_id FROM full_scans WHERE organization = @organization)
                  AND s.scan_id NOT IN (
                      SELECT after_scan FROM scans WHERE organization = @organization AND finished_at IS NULL AND after_scan IS NOT NULL)
                ORDER BY s.created_at, s.scan_id LIMIT 1
                """,
                new { organization, before = Columns.Ms(before) }),
            cancel);
        return scanId is null ? 0 : await database.WriteAsync(
            organization,
            async transaction =>
            {
                var key = new { organization, scanId, rows };
                foreach (var (table, columns) in _ofScan)
                {
                    // A scan of a thousand accounts has hundreds of thousands of units.
                    if (await DeleteRowsAsync(transaction, table, $"scan_id, {columns}", "scan_id = @scanId", key) is > 0 and var deleted)
                    {
                        return deleted;
                    }
                }

                return await transaction.Connection!.ExecuteAsync(
                    "DELETE FROM scans WHERE organization = @organization AND scan_id = @scanId", key, transaction);
            },
            cancel);
    }

    public Task<int> DeleteRefusedLoginsAsync(DateTimeOffset before, int rows, CancellationToken cancel) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                "DELETE FROM refused_logins WHERE (day, reason) IN (SELECT day, reason FROM refused_logins WHERE day < @day LIMIT @rows)",
                new { day = Columns.Day(Periods.DayOf(before)), rows }, transaction),
            cancel);

    private static async Task<int> DeleteFindingsAsync(DbTransaction transaction, string organization, DateTimeOffset before, int rows)
    {
        var old = (await transaction.Connection!.QueryAsync<FindingRow>(
            """
            SELECT * FROM findings WHERE organization = @organization AND state = 'resolved' AND resolved_at < @before ORDER BY resolved_at LIMIT @rows
            """,
            new { organization, before = Columns.Ms(before), rows }, transaction)).AsList();
        if (old.Count == 0)
        {
            return 0;
        }

        var counts = new CountDeltas(organization);
        foreach (var finding in old)
        {
            counts.Delete(finding.ToFinding());
        }

        foreach (var table in _ofFinding)
        {
            await transaction.ExecuteRowsAsync(
                $"""
                DELETE FROM {table}
                WHERE organization = @organization AND account_service = @AccountService AND arn = @Arn AND policy_id = @PolicyId
                """,
                old.Select(f => new { organization, f.AccountService, f.Arn, f.PolicyId }).ToList());
        }

        await counts.SaveAsync(transaction);
        return old.Count;
    }

    /// <param name="table">May have an alias, which <paramref name="which"/> uses.</param>
    /// <param name="columns">The key without the organization.</param>
    private static Task<int> DeleteRowsAsync(DbTransaction transaction, string table, string columns, string which, object parameters) =>
        transaction.Connection!.ExecuteAsync(
            $"""
            DELETE FROM {table.Split(' ')[0]} WHERE organization = @organization AND ({columns}) IN (
                SELECT {columns} FROM {table} WHERE organization = @organization AND {which} LIMIT @rows)
            """,
            parameters, transaction);
}
