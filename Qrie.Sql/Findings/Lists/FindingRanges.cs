using System.Data.Common;
using Dapper;

namespace Qrie.Sql.Findings.Lists;

/// <summary>Finds the ranges of an index that a filter names, those with the newest findings first.</summary>
internal static class FindingRanges
{
    /// <param name="connection">A snapshot.</param>
    /// <param name="query">What is asked for.</param>
    /// <param name="wanted">How many findings: no more ranges than that can have a part in them.</param>
    public static async Task<IReadOnlyList<FindingRange>> FindAsync(DbConnection connection, FindingListQuery query, int wanted)
    {
        if (query.HasAccount)
        {
            return query.Parameters.State is { } only
                ? [new FindingRange { State = only }]
                : [new FindingRange { State = "active" }, new FindingRange { State = "resolved" }];
        }

        for (var limit = wanted + 1; ; limit *= 4)
        {
            var found = (await connection.QueryAsync<FindingRange>(
                query.NeedsCells ? Cells(query) : Severities(query),
                (query.Parameters with { Limit = limit }).Behind(query.After))).AsList();
            // A range that begins at the same time as the last one wanted may come before it by its ARN.
            if (found.Count < limit || found[^1].Head < found[wanted - 1].Head)
            {
                return found;
            }
        }
    }

    private static string Cells(FindingListQuery query) =>
        $"""
        SELECT * FROM (
            SELECT c.policy_id, c.state, c.severity, c.region, c.type, c.service,
                   (SELECT f.first_seen FROM findings f
                    WHERE f.organization = c.organization AND f.policy_id = c.policy_id AND f.state = c.state AND f.severity = c.severity
                      AND f.region = c.region AND f.type = c.type AND f.service = c.service {Times(query)}
                    ORDER BY f.first_seen DESC LIMIT 1) AS head
            FROM finding_cells c WHERE c.organization = @Organization {query.Cells}) cells
        WHERE head IS NOT NULL ORDER BY head DESC LIMIT @Limit
        """;

    /// <summary>Which severities there are is found by steps through the index, one for each.</summary>
    private static string Severities(FindingListQuery query) =>
        $"""
        WITH RECURSIVE severities(severity) AS (
            SELECT (SELECT min(f.severity) FROM findings f WHERE f.organization = @Organization)
            UNION ALL
            SELECT (SELECT min(f.severity) FROM findings f WHERE f.organization = @Organization AND f.severity > s.severity)
            FROM severities s WHERE s.severity IS NOT NULL),
        ranges AS (
            SELECT s.severity, states.state FROM severities s CROSS JOIN (SELECT 'active' AS state UNION ALL SELECT 'resolved') states
            WHERE s.severity IS NOT NULL)
        SELECT * FROM (
            SELECT r.severity, r.state,
                   (SELECT f.first_seen FROM findings f
                    WHERE f.organization = @Organization AND f.severity = r.severity AND f.state = r.state {Times(query)}
                    ORDER BY f.first_seen DESC LIMIT 1) AS head
            FROM ranges r WHERE 1 = 1 {query.StateAndSeverity("r")}) heads
        WHERE head IS NOT NULL ORDER BY head DESC LIMIT @Limit
        """;

    private static string Times(FindingListQuery query) => query.From + (query.After is null ? query.To : " AND f.first_seen <= @AfterSeen");
}
