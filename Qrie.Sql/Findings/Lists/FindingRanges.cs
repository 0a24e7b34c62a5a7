using System.Data.Common;

namespace Qrie.Sql.Findings.Lists;

/// <summary>Finds the index ranges that match a filter, those with the newest findings first.</summary>
internal static class FindingRanges
{
    /// <summary>Returns all of them, because only an upper bound of their newest finding is known: that finding may be filtered out.</summary>
    public static async Task<IEnumerable<FindingRange>> FindAsync(DbConnection connection, FindingListQuery query) =>
        await connection.QueryAsync<FindingRange>(
            query is { HasAccount: false, NeedsFacets: true } ? Facets(query) : Severities(query), query.Parameters.Behind(query.After));

    /// <summary>The severities of findings, highest first; of one account's findings if the filter names an account.</summary>
    public static async Task<IReadOnlyList<int>> SeveritiesAsync(DbConnection connection, FindingListQuery query) =>
    [
        .. await connection.QueryAsync<int>(
            $"{Existing(query)} SELECT s.severity FROM severities s WHERE s.severity IS NOT NULL {query.Severities("s")} ORDER BY s.severity DESC",
            query.Parameters),
    ];

    private static string Facets(FindingListQuery query) =>
        $"""
        SELECT * FROM (
            SELECT c.policy_id, c.state, c.severity, c.region, c.type, c.service,
                   (SELECT f.first_seen FROM findings f
                    WHERE f.organization = c.organization AND f.policy_id = c.policy_id AND f.state = c.state AND f.severity = c.severity
                      AND f.region = c.region AND f.type = c.type AND f.service = c.service {Times(query)}
                    ORDER BY f.first_seen DESC LIMIT 1) AS head
            FROM finding_facets c WHERE c.organization = @Organization {query.Facets}) facets
        WHERE head IS NOT NULL ORDER BY head DESC
        """;

    /// <summary>The existing severities are found by index seeks, one for each.</summary>
    private static string Existing(FindingListQuery query) =>
        $"""
        WITH RECURSIVE severities(severity) AS (
            SELECT (SELECT min(f.severity) FROM findings f WHERE f.organization = @Organization {query.Account})
            UNION ALL
            SELECT (SELECT min(f.severity) FROM findings f WHERE f.organization = @Organization {query.Account} AND f.severity > s.severity)
            FROM severities s WHERE s.severity IS NOT NULL)
        """;

    private static string Severities(FindingListQuery query) =>
        $"""
        {Existing(query)},
        ranges AS (
            SELECT s.severity, states.state FROM severities s
            CROSS JOIN (SELECT 'active' AS state UNION ALL SELECT 'resolved' UNION ALL SELECT 'suppressed') states
            WHERE s.severity IS NOT NULL)
        SELECT * FROM (
            SELECT r.severity, r.state,
                   (SELECT f.first_seen FROM findings f
                    WHERE f.organization = @Organization {query.Account} AND f.severity = r.severity AND f.state = r.state {Times(query)}
                    ORDER BY f.first_seen DESC LIMIT 1) AS head
            FROM ranges r WHERE 1 = 1 {query.StateAndSeverity("r")}) heads
        WHERE head IS NOT NULL ORDER BY head DESC
        """;

    private static string Times(FindingListQuery query) => query.From + (query.After is null ? query.To : " AND f.first_seen <= @AfterSeen");
}
