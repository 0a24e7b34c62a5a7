using Dapper;
using Npgsql;

namespace Qrie.Soak.Tests.Replicas;

/// <summary>Reads a store with SQL of its own, so that the comparison does not depend on the code under test.</summary>
internal static class ReplicatedStore
{
    /// <summary>What must be equal in two stores that have seen the same AWS last, whatever they saw before.</summary>
    private static readonly (string Name, string Sql)[] _facts =
    [
        ("account", "SELECT account_id || ' ' || status FROM accounts"),
        ("resource", "SELECT concat_ws(' ', account_service, arn, type, region, tags, hash, unknown) FROM resources WHERE deleted_at IS NULL"),
        ("finding", "SELECT concat_ws(' ', account_service, arn, policy_id, severity, state, evidence) FROM findings WHERE state = 'active'"),
        ("verdicts", "SELECT concat_ws(' ', account_service, policy_id, verdict, attribute, error_code, sum(n)) FROM verdict_counts WHERE n <> 0 "
            + "GROUP BY account_service, policy_id, verdict, attribute, error_code"),
        ("findings", "SELECT concat_ws(' ', account_id, policy_id, band, n) FROM finding_counts WHERE state = 'active' AND n <> 0"),
        ("resources", "SELECT concat_ws(' ', account_service, type, n) FROM resource_counts WHERE n <> 0"),
        ("coverage", "SELECT concat_ws(' ', account_id, region, type, outcome, error_code, suspicious) FROM coverage"),
    ];

    /// <summary>Each row is a violation.</summary>
    private static readonly (string Wrong, string Sql)[] _invariants =
    [
        ("a scan has not ended", "SELECT scan_id FROM scans WHERE finished_at IS NULL"),
        ("a scan is not completed", "SELECT concat_ws(' ', scan_id, kind, status, errors) FROM scans WHERE status <> 'completed'"),
        ("a unit is not done", "SELECT concat_ws(' ', scan_id, account_id, region, service, status) FROM units WHERE status <> 'done'"),
        ("the units of a scan are not its units",
            """
            SELECT scan_id FROM scans s
            WHERE total_units <> (SELECT count(*) FROM units u WHERE u.scan_id = s.scan_id) OR remaining_units <> 0 OR failed_units <> 0
            """),
        ("the progress of a scan counted a unit twice, or not at all",
            """
            SELECT concat_ws(' ', scan_id, account_id, service) FROM scan_progress p
            WHERE done <> (SELECT count(*) FROM units u
                           WHERE u.scan_id = p.scan_id AND u.account_id = p.account_id AND u.service = p.service AND u.status = 'done')
               OR total <> done
            """),
        ("a scan counted something twice, or not at all",
            """
            SELECT concat_ws(' ', s.scan_id, c.key, c.value) FROM scans s, json_each_text(s.counters::json) c
            WHERE c.value::bigint <> (SELECT sum(coalesce((u.counters::json ->> c.key)::bigint, 0)) FROM units u WHERE u.scan_id = s.scan_id)
            """),
        ("a resource count is not the number of rows",
            """
            SELECT concat_ws(' ', account_service, type, sum(n)) FROM (
                SELECT account_service, type, n FROM resource_counts
                UNION ALL SELECT account_service, type, -count(*) FROM resources WHERE deleted_at IS NULL GROUP BY 1, 2) t
            GROUP BY account_service, type HAVING sum(n) <> 0
            """),
        ("a finding count is not the number of rows",
            """
            SELECT concat_ws(' ', policy_id, state, sum(n)) FROM (
                SELECT policy_id, state, n FROM finding_counts WHERE account_id = '*'
                UNION ALL SELECT policy_id, state, -count(*) FROM findings GROUP BY 1, 2) t
            GROUP BY policy_id, state HAVING sum(n) <> 0
            """),
        ("findings were counted as new twice, or never",
            "SELECT 'new' WHERE (SELECT sum(n) FROM finding_history WHERE account_id = '*' AND change = 'new') <> (SELECT count(*) FROM findings)"),
        ("an opened finding was not told, or told in two messages",
            """
            SELECT 'told ' || told || ', opened ' || opened FROM (SELECT
                (SELECT coalesce(sum((content::json ->> 'events')::bigint), 0) FROM alert_deliveries) AS told,
                (SELECT count(*) FROM findings) AS opened) t
            WHERE told <> opened
            """),
        ("an alert was not delivered", "SELECT concat_ws(' ', delivery_id, status, result) FROM alert_deliveries WHERE status <> 'delivered'"),
    ];

    public static Task<SortedSet<string>> FactsAsync(string connection) => ReadAsync(connection, _facts);

    public static Task<SortedSet<string>> ViolationsAsync(string connection) => ReadAsync(connection, _invariants);

    private static async Task<SortedSet<string>> ReadAsync(string connectionString, (string Name, string Sql)[] queries)
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        await using var connection = new NpgsqlConnection(connectionString);
        foreach (var (name, sql) in queries)
        {
            lines.UnionWith((await connection.QueryAsync<string>(sql)).Select(row => $"{name}: {row}"));
        }

        return lines;
    }
}
