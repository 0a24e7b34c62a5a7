using System.Data.Common;
using Dapper;
using Qrie.Domain.Scans;
using Qrie.Sql.Compliance;
using Qrie.Sql.Dashboard;
using Qrie.Sql.Database;
using Qrie.Sql.Scans;

namespace Qrie.Sql.Accounts.Purging;

/// <summary>
/// The steps of deleting an account, in order. The account's own row and its counts are deleted last and together: until then readers exclude both.
/// </summary>
internal static class PurgeSteps
{
    private const int ScansAtOnce = 10;

    /// <summary>Tables with rows of one account_service each, by their keys.</summary>
    private static readonly (string Table, string Key)[] _byService =
    [
        ("findings", "account_service, arn, policy_id"),
        ("finding_triage", "account_service, arn, policy_id"),
        ("triage_entries", "account_service, arn, policy_id, entry_id"),
        ("exception_evidence", "account_service, arn, policy_id, exception_id"),
        ("evaluations", "account_service, arn"),
        ("lookups", "account_service, arn, type, key, value"),
        ("lookup_keys", "account_service, arn, type, key, value"),
        ("resource_tags", "account_service, key, value, arn"),
        ("configurations", "account_service, arn"),
        ("resources", "account_service, arn"),
        ("evaluated_types", "account_service, type"),
        ("policy_evaluated", "account_service, policy_id"),
        ("verdict_counts", "account_service, policy_id, revision, verdict, attribute, error_code"),
        ("unknown_attribute_counts", "account_service, type, attribute, error_code"),
        ("resource_counts", "account_service, type"),
        ("change_sequences", "account_service"),
    ];

    private static readonly (string Table, string Key)[] _byAccount =
    [
        ("coverage", "account_id, region, type"),
        ("account_services", "account_id, service"),
        ("event_rechecks", "account_id, region, type, resource_id"),
        ("event_counts", "account_id, region, day, outcome"),
        ("event_lags", "account_id, region, day, evaluated, bucket"),
        ("event_regions", "account_id, region"),
        ("dead_events", "message_id"),
        ("external_ids", "account_id"),
        ("alert_outbox", "seq"),
        ("alert_unreadable_accounts", "account_id"),
        ("compliance_days", "account_id, framework, section, day"),
    ];

    /// <summary>Tables keyed by scan: the rows of one account are found through each scan's key.</summary>
    private static readonly string[] _byScan = ["units", "scan_progress", "scan_denials", "drift_counts", "drift_samples"];

    /// <summary>Counts that are also maintained for all accounts together.</summary>
    private static readonly (string Table, string Key, string[] Numbers)[] _counts =
    [
        ("finding_counts", "policy_id, band, state", ["n"]),
        ("exception_counts", "exception_id", ["n"]),
        ("open_days", "band, kind, day", ["n"]),
        ("resolution_days", "band, day", ["n", "seconds"]),
        ("finding_history", "period, change", ["n"]),
        ("policy_history", "policy_id, period, change", ["n"]),
        ("service_counts", "service", ["resources", "non_compliant"]),
        .. OuTotals.Tables.Select(t => (t.Table, t.Key, t.Numbers)),
    ];

    /// <summary>Every step deletes a limited number of rows and is repeated until it deletes none.</summary>
    public static readonly IReadOnlyList<(string Table, Func<DbTransaction, PurgeKey, Task<int>> RunAsync)> All =
    [
        .. _byService.Select(t => (t.Table, Step(t.Table, t.Key, "account_service >= @services AND account_service < @servicesEnd"))),
        .. _byAccount.Select(t => (t.Table, Step(t.Table, t.Key, "account_id = @accountId"))),
        .. _byScan.Select(t => (t, ScanStep(t))),
        ("scans", ForgetScansAsync),
        ("accounts", DeleteAccountAsync),
    ];

    private static Func<DbTransaction, PurgeKey, Task<int>> Step(string table, string key, string which) => (transaction, purge) =>
        transaction.Connection!.ExecuteAsync(
            $"""
            DELETE FROM {table} WHERE organization = @organization AND ({key}) IN (
                SELECT {key} FROM {table} WHERE organization = @organization AND {which} LIMIT @rows)
            """,
            Parameters(purge), transaction);

    /// <summary>A few scans at a time; each has as many rows as it has units of the account.</summary>
    private static Func<DbTransaction, PurgeKey, Task<int>> ScanStep(string table) => (transaction, purge) =>
        transaction.Connection!.ExecuteAsync(
            $"""
            DELETE FROM {table} WHERE organization = @organization AND account_id = @accountId AND scan_id IN (
                SELECT s.scan_id FROM scans s WHERE s.organization = @organization AND EXISTS (
                    SELECT 1 FROM {table} t WHERE t.organization = s.organization AND t.scan_id = s.scan_id AND t.account_id = @accountId)
                ORDER BY s.scan_id LIMIT {ScansAtOnce})
            """,
            Parameters(purge), transaction);

    /// <summary>Deletes scans of this account alone, and its errors from other scans.</summary>
    private static async Task<int> ForgetScansAsync(DbTransaction transaction, PurgeKey purge)
    {
        var rows = (await transaction.Connection!.QueryAsync<ScanRow>(
            """
            SELECT * FROM scans WHERE organization = @organization AND (filter LIKE @mention OR errors LIKE @mention) ORDER BY scan_id LIMIT @rows
            """,
            Parameters(purge), transaction)).Select(row => row.ToScan()).ToList();
        await transaction.Connection!.ExecuteAsync(
            """
            DELETE FROM scan_operations WHERE organization = @Organization AND scan_id = @ScanId;
            DELETE FROM scans WHERE organization = @Organization AND scan_id = @ScanId
            """,
            rows.Where(scan => scan.Filter.AccountId == purge.AccountId).Select(scan => new { scan.Organization, scan.ScanId }).ToList(), transaction);
        await transaction.ExecuteRowsAsync(
            "UPDATE scans SET errors = @errors WHERE organization = @Organization AND scan_id = @ScanId",
            rows.Where(scan => scan.Filter.AccountId != purge.AccountId)
                .Select(scan => new { scan.Organization, scan.ScanId, errors = Columns.Json(scan.Errors.Where(e => !Mentions(e, purge.AccountId))) }).ToList());
        return rows.Count(scan => scan.Filter.AccountId == purge.AccountId || scan.Errors.Any(e => Mentions(e, purge.AccountId)));
    }

    private static async Task<int> DeleteAccountAsync(DbTransaction transaction, PurgeKey purge)
    {
        var ou = await transaction.Connection!.ExecuteScalarAsync<string?>(
            "SELECT ou FROM accounts WHERE organization = @organization AND account_id = @accountId", Parameters(purge), transaction);
        await OuTotals.MoveAsync(transaction, purge.Organization, purge.AccountId, from: ou, to: null);
        foreach (var (table, key, numbers) in _counts)
        {
            var same = string.Join(" AND ", key.Split(", ").Select(column => $"own.{column} = {table}.{column}"));
            var own = $"FROM {table} own WHERE own.organization = @organization AND own.account_id = @accountId AND {same}";
            await transaction.Connection!.ExecuteAsync(
                $"""
                UPDATE {table} SET {string.Join(", ", numbers.Select(n => $"{n} = {n} - (SELECT own.{n} {own})"))}
                WHERE organization = @organization AND account_id = '{AllAccounts.Id}' AND EXISTS (SELECT 1 {own});

                DELETE FROM {table} WHERE organization = @organization AND account_id = @accountId
                """,
                Parameters(purge), transaction);
        }

        return await transaction.Connection!.ExecuteAsync(
            "DELETE FROM accounts WHERE organization = @organization AND account_id = @accountId", Parameters(purge), transaction);
    }

    private static bool Mentions(ScanError error, string accountId) =>
        error.AccountId == accountId || error.Message.Contains(accountId, StringComparison.Ordinal);

    private static object Parameters(PurgeKey purge) => new
    {
        organization = purge.Organization,
        accountId = purge.AccountId,
        services = $"{purge.AccountId}_",
        servicesEnd = TextPrefix.End($"{purge.AccountId}_"),
        mention = $"%{purge.AccountId}%",
        rows = purge.Rows,
    };
}

internal sealed record PurgeKey(string Organization, string AccountId, int Rows);
