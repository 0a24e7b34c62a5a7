using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Qrie.Sql.Database;

namespace Qrie.Benchmarks.Crash;

/// <summary>
/// Reads a store's file with SQL of its own, so that the comparison does not depend on the code under test. Only for files that no process has open.
/// </summary>
internal static class StoreFile
{
    /// <summary>Facts that must be equal in two stores with the same history, without times and scans.</summary>
    private static readonly (string Section, string Sql)[] Facts =
    [
        ("account", "SELECT account_id, status FROM accounts"),
        ("resource",
            """
            SELECT account_service, arn, type, resource_id, region, listed_in, tags, hash, size, deleted_at IS NOT NULL, absent_since IS NOT NULL,
                   (SELECT group_concat(u.key || ' ' || u.value) FROM (SELECT key, value FROM json_each(r.unknown) ORDER BY key) u)
            FROM resources r
            """),
        ("finding",
            """
            SELECT account_service, arn, policy_id, type, region, severity, state, evidence, resolved_reason,
                   (SELECT group_concat(json_extract(t.value, '$.state') || ' ' || coalesce(json_extract(t.value, '$.reason'), ''))
                    FROM json_each(f.transitions) t)
            FROM findings f
            """),
        ("evaluation",
            """
            SELECT e.account_service, e.arn, e.hash, e.fingerprint, e.policy_list, l.policies, e.verdicts, e.reasons, e.next_due IS NULL
            FROM evaluations e JOIN policy_lists l ON l.policy_list = e.policy_list
            """),
        ("finding count", "SELECT account_id, policy_id, band, state, n FROM finding_counts WHERE n <> 0"),
        ("service count", "SELECT account_id, service, resources, non_compliant FROM service_counts WHERE resources <> 0"),
        ("verdict count", "SELECT account_service, policy_id, revision, verdict, attribute, error_code, n FROM verdict_counts WHERE n <> 0"),
        ("unknown attribute", "SELECT account_service, type, attribute, error_code, n FROM unknown_attribute_counts WHERE n <> 0"),
        ("resource count", "SELECT account_service, type, n FROM resource_counts WHERE n <> 0"),
        ("coverage", "SELECT account_id, region, service, type, outcome, error_code, suspicious, last_success_at IS NOT NULL FROM coverage"),
        ("policy", "SELECT policy_id, status, scope, severity, params, revision FROM policies"),
        ("evaluated", "SELECT account_service, type, fingerprint FROM evaluated_types"),
        ("policy evaluated", "SELECT account_service, policy_id FROM policy_evaluated"),
    ];

    /// <summary>Invariants that must hold even at the moment of a kill: each row is a violation.</summary>
    private static readonly (string Wrong, string Sql)[] Invariants =
    [
        ("the file is damaged", "SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
        ("a resource count is not the number of rows",
            """
            SELECT account_service, type, sum(n) FROM (
                SELECT account_service, type, n FROM resource_counts
                UNION ALL SELECT account_service, type, -count(*) FROM resources WHERE deleted_at IS NULL GROUP BY 1, 2)
            GROUP BY 1, 2 HAVING sum(n) <> 0
            """),
        ("an unknown attribute count is not the number of rows",
            """
            SELECT account_service, type, attribute, error_code, sum(n) FROM (
                SELECT account_service, type, attribute, error_code, n FROM unknown_attribute_counts
                UNION ALL SELECT r.account_service, r.type, u.key, u.value, -count(*) FROM resources r, json_each(r.unknown) u
                          WHERE r.deleted_at IS NULL AND r.unknown IS NOT NULL GROUP BY 1, 2, 3, 4)
            GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0
            """),
        ("a finding count is not the number of rows",
            """
            SELECT account_id, policy_id, band, state, sum(n) FROM (
                SELECT account_id, policy_id, band, state, n FROM finding_counts
                UNION ALL SELECT a.value, policy_id,
                                 CASE WHEN severity >= 90 THEN 'critical' WHEN severity >= 50 THEN 'high' WHEN severity >= 25 THEN 'medium' ELSE 'low' END,
                                 state, -count(*) FROM findings f, json_each(json_array(f.account_id, '*')) a GROUP BY 1, 2, 3, 4)
            GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0
            """),
        ("findings were counted as new twice, or never",
            """
            SELECT account_id, sum(n) FROM (
                SELECT account_id, n FROM finding_history WHERE change = 'new'
                UNION ALL SELECT a.value, -1 FROM findings f, json_each(json_array(f.account_id, '*')) a)
            GROUP BY 1 HAVING sum(n) <> 0
            """),
        ("the history of findings does not end with the current numbers",
            """
            SELECT account_id, state, sum(n) FROM (
                SELECT account_id, 'active' AS state, CASE change WHEN 'closed' THEN -n ELSE n END AS n
                FROM finding_history WHERE change IN ('new', 'closed', 'reopened')
                UNION ALL SELECT account_id, 'resolved', n FROM finding_history WHERE change = 'resolved'
                UNION ALL SELECT account_id, state, -n FROM finding_counts WHERE state <> 'suppressed')
            GROUP BY 1, 2 HAVING sum(n) <> 0
            """),
        ("a service count is not the number of rows",
            """
            SELECT account_id, service, sum(resources), sum(failing) FROM (
                SELECT account_id, service, resources, non_compliant AS failing FROM service_counts
                UNION ALL SELECT a.value, r.service, -1, -EXISTS (
                              SELECT 1 FROM findings f WHERE f.account_service = r.account_service AND f.arn = r.arn AND f.state = 'active')
                          FROM resources r, json_each(json_array(r.account_id, '*')) a WHERE r.deleted_at IS NULL)
            GROUP BY 1, 2 HAVING sum(resources) <> 0 OR sum(failing) <> 0
            """),
        ("a verdict count is not the number of rows",
            """
            SELECT account_service, policy_id, revision, verdict, attribute, error_code, sum(n) FROM (
                SELECT account_service, policy_id, revision, verdict, attribute, error_code, n FROM verdict_counts
                UNION ALL
                SELECT e.account_service, json_extract(p.value, '$.policy_id'), json_extract(p.value, '$.revision'),
                       CASE substr(e.verdicts, p.key + 1, 1)
                           WHEN 'p' THEN 'pass' WHEN 'f' THEN 'fail' WHEN 'x' THEN 'fail' WHEN 'n' THEN 'not_applicable' ELSE 'unknown' END,
                       coalesce(json_extract(e.reasons, '$."' || p.key || '".attribute'), ''),
                       coalesce(json_extract(e.reasons, '$."' || p.key || '".code'), ''), -count(*)
                FROM evaluations e JOIN policy_lists l ON l.policy_list = e.policy_list, json_each(l.policies) p
                WHERE substr(e.verdicts, p.key + 1, 1) <> '-'
                GROUP BY 1, 2, 3, 4, 5, 6)
            GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0
            """),
        ("an alive resource has no configuration",
            """
            SELECT arn FROM resources r
            WHERE deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM configurations c WHERE c.account_service = r.account_service AND c.arn = r.arn)
            """),
        ("a deleted resource has an evaluation or an active finding",
            """
            SELECT r.arn FROM resources r WHERE r.deleted_at IS NOT NULL AND (
                EXISTS (SELECT 1 FROM evaluations e WHERE e.account_service = r.account_service AND e.arn = r.arn)
                OR EXISTS (SELECT 1 FROM findings f WHERE f.account_service = r.account_service AND f.arn = r.arn AND f.state = 'active'))
            """),
        ("an active finding has no failed verdict, or vice versa",
            """
            SELECT e.arn, json_extract(p.value, '$.policy_id') FROM evaluations e JOIN policy_lists l ON l.policy_list = e.policy_list, json_each(l.policies) p
            WHERE (substr(e.verdicts, p.key + 1, 1) = 'f') <> EXISTS (
                SELECT 1 FROM findings f
                WHERE f.account_service = e.account_service AND f.arn = e.arn AND f.policy_id = json_extract(p.value, '$.policy_id') AND f.state = 'active')
            """),
        ("a suppressed finding has no exception, or an active one has one",
            "SELECT arn, policy_id FROM findings WHERE (state = 'suppressed') <> (exception_id IS NOT NULL)"),
        ("the days of open findings are not those of the rows",
            """
            SELECT account_id, band, kind, day, sum(n) FROM (
                SELECT account_id, band, kind, day, n FROM open_days
                UNION ALL SELECT a.value,
                                 CASE WHEN severity >= 90 THEN 'critical' WHEN severity >= 50 THEN 'high' WHEN severity >= 25 THEN 'medium' ELSE 'low' END,
                                 CASE WHEN t.due_on IS NULL THEN 'opened' ELSE 'due' END,
                                 coalesce(t.due_on, date(coalesce(f.reopened_at, f.first_seen) / 1000, 'unixepoch')), -1
                          FROM findings f LEFT JOIN finding_triage t
                            ON t.organization = f.organization AND t.account_service = f.account_service AND t.arn = f.arn AND t.policy_id = f.policy_id,
                               json_each(json_array(f.account_id, '*')) a WHERE f.state = 'active')
            GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0
            """),
        ("an exception count is not the number of rows",
            """
            SELECT account_id, exception_id, sum(n) FROM (
                SELECT account_id, exception_id, n FROM exception_counts
                UNION ALL SELECT a.value, f.exception_id, -1 FROM findings f, json_each(json_array(f.account_id, '*')) a WHERE f.exception_id IS NOT NULL)
            GROUP BY 1, 2 HAVING sum(n) <> 0
            """),
        ("a scan's remaining units are not those that have not ended",
            """
            SELECT scan_id, status, remaining_units FROM scans s
            WHERE remaining_units <> (SELECT count(*) FROM units u WHERE u.scan_id = s.scan_id AND u.status IN ('pending', 'running'))
               OR total_units <> (SELECT count(*) FROM units u WHERE u.scan_id = s.scan_id)
               OR (finished_at IS NULL) <> (remaining_units > 0)
            """),
        ("the progress of a scan is not the sum of its units",
            """
            SELECT scan_id, account_id, service, total, done, failed FROM scan_progress p
            WHERE total <> (SELECT count(*) FROM units u WHERE u.scan_id = p.scan_id AND u.account_id = p.account_id AND u.service = p.service)
               OR done <> (SELECT count(*) FROM units u
                           WHERE u.scan_id = p.scan_id AND u.account_id = p.account_id AND u.service = p.service AND u.status = 'done')
               OR failed <> (SELECT count(*) FROM units u
                             WHERE u.scan_id = p.scan_id AND u.account_id = p.account_id AND u.service = p.service AND u.status = 'failed')
            """),
        ("the progress of a scan counted something twice, or not at all",
            """
            SELECT p.scan_id, p.account_id, p.service, c.key, c.value FROM scan_progress p, json_each(p.counters) c
            WHERE c.value <> (SELECT sum(coalesce(json_extract(u.counters, '$.' || c.key), 0)) FROM units u
                              WHERE u.scan_id = p.scan_id AND u.account_id = p.account_id AND u.service = p.service
                                AND u.status IN ('done', 'failed', 'cancelled'))
            """),
        ("drift of an account is not the sum of its lists",
            """
            SELECT scan_id, account_id, sum(created), sum(changed), sum(deleted) FROM (
                SELECT scan_id, account_id, created, changed, deleted FROM drift_counts WHERE region = '*'
                UNION ALL SELECT scan_id, account_id, -created, -changed, -deleted FROM drift_counts WHERE region <> '*')
            GROUP BY 1, 2 HAVING sum(created) <> 0 OR sum(changed) <> 0 OR sum(deleted) <> 0
            """),
        ("a scan counted something twice, or not at all",
            """
            SELECT s.scan_id, c.key, c.value FROM scans s, json_each(s.counters) c
            WHERE c.value <> (SELECT sum(coalesce(json_extract(u.counters, '$.' || c.key), 0)) FROM units u WHERE u.scan_id = s.scan_id AND u.status = 'done')
            """),
    ];

    static StoreFile() => RuntimeHelpers.RunClassConstructor(typeof(SqliteDatabase).TypeHandle); // the same SQLite as the service

    public static Task<SortedSet<string>> FactsAsync(string path, CancellationToken cancel) => ReadAsync(path, Facts, cancel);

    public static Task<SortedSet<string>> ViolationsAsync(string path, CancellationToken cancel) => ReadAsync(path, Invariants, cancel);

    /// <summary>Checks the store of a killed process in a copy, so that the service is the first to open the store itself again.</summary>
    public static async Task<(long UnfinishedScans, long RunningUnits, SortedSet<string> Violations)> AutopsyAsync(string path, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("qrie-autopsy-");
        try
        {
            var copy = Path.Combine(folder.FullName, "qrie.db");
            foreach (var ending in (string[])["", "-wal"])
            {
                if (File.Exists(path + ending))
                {
                    File.Copy(path + ending, copy + ending);
                }
            }

            if (await CountAsync(copy, "SELECT count(*) FROM sqlite_master WHERE name = 'units'", cancel) == 0)
            {
                return (0, 0, []); // killed before the store was created
            }

            return (
                await CountAsync(copy, "SELECT count(*) FROM scans WHERE finished_at IS NULL", cancel),
                await CountAsync(copy, "SELECT count(*) FROM units WHERE status = 'running'", cancel),
                await ViolationsAsync(copy, cancel));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static async Task<long> CountAsync(string path, string sql, CancellationToken cancel)
    {
        await using var connection = await OpenAsync(path, cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancel), CultureInfo.InvariantCulture);
    }

    private static async Task<SortedSet<string>> ReadAsync(string path, (string Name, string Sql)[] queries, CancellationToken cancel)
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        await using var connection = await OpenAsync(path, cancel);
        foreach (var (name, sql) in queries)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await using DbDataReader reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                lines.Add($"{name}: {string.Join(" | ", Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "-" : reader.GetValue(i)))}");
            }
        }

        return lines;
    }

    /// <summary>Opens a file for reading. If it was not closed cleanly, its log must be replayed first, which only a writer may do.</summary>
    private static async Task<SqliteConnection> OpenAsync(string path, CancellationToken cancel)
    {
        var clean = !File.Exists(path + "-wal");
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            Mode = clean ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWrite,
        }.ToString());
        await connection.OpenAsync(cancel);
        return connection;
    }
}
