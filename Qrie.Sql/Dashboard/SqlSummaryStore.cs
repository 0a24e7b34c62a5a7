using System.Data.Common;
using System.Globalization;
using Dapper;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Sql.Database;

namespace Qrie.Sql.Dashboard;

public sealed class SqlSummaryStore(SqlDatabase database) : ISummaryStore
{
    public Task<IReadOnlyList<FindingCount>> CountFindingsAsync(string organization, string? accountId, CancellationToken cancel) =>
        database.ReadAsync(connection => FindingsAsync(connection, organization, accountId), cancel);

    public Task<ResourceCounts> CountResourcesAsync(string organization, string? accountId, CancellationToken cancel) =>
        database.ReadAsync(connection => ResourcesAsync(connection, organization, accountId), cancel);

    public Task<DashboardCounts> ReadDashboardAsync(string organization, DateOnly since, DateOnly month, CancellationToken cancel) =>
        database.ReadAsync(
            async connection => new DashboardCounts(
                await ResourcesAsync(connection, organization, null), await ChangesAsync(connection, organization, since, month)),
            cancel);

    public Task<IReadOnlyDictionary<string, int>> FindFirstSeveritiesAsync(string organization, IReadOnlyCollection<string> policyIds, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyDictionary<string, int>>(
            async connection =>
            {
                var severities = new Dictionary<string, int>();
                foreach (var policyId in policyIds)
                {
                    // One end of an index each: the first active and the first resolved one.
                    var first = await connection.QueryAsync<(long Severity, long FirstSeen)>(
                        """
                        SELECT severity, first_seen FROM (
                            SELECT severity, first_seen FROM findings
                            WHERE organization = @organization AND policy_id = @policyId AND state = 'active' ORDER BY first_seen LIMIT 1) AS active
                        UNION ALL
                        SELECT severity, first_seen FROM (
                            SELECT severity, first_seen FROM findings
                            WHERE organization = @organization AND policy_id = @policyId AND state = 'resolved' ORDER BY first_seen LIMIT 1) AS resolved
                        """,
                        new { organization, policyId });
                    foreach (var (severity, _) in first.OrderBy(f => f.FirstSeen).Take(1))
                    {
                        severities[policyId] = (int)severity;
                    }
                }

                return severities;
            },
            cancel);

    private static async Task<ResourceCounts> ResourcesAsync(DbConnection connection, string organization, string? accountId)
    {
        var services = (await connection.QueryAsync<(string Service, long Alive, long NonCompliant)>(
            AllAccounts.Sum(accountId, "service_counts", "service", ["resources", "non_compliant"]), new { organization, accountId }))
            .Where(c => c.Alive != 0)
            .OrderBy(c => c.Service, StringComparer.Ordinal)
            .Select(c => new ServiceCount(c.Service, c.Alive, c.NonCompliant))
            .ToList();
        var accounts = await connection.ExecuteScalarAsync<long>(
            """
            SELECT count(*) FROM accounts a
            WHERE a.organization = @organization AND a.status = 'active' AND (@accountId IS NULL OR a.account_id = @accountId)
              AND EXISTS (SELECT 1 FROM service_counts c WHERE c.organization = a.organization AND c.account_id = a.account_id AND c.resources > 0)
            """,
            new { organization, accountId });
        return new ResourceCounts(services, (int)accounts, await FindingsAsync(connection, organization, accountId));
    }

    private static async Task<IReadOnlyList<FindingCount>> FindingsAsync(DbConnection connection, string organization, string? accountId) =>
    [
        .. (await connection.QueryAsync<(string PolicyId, string Band, string State, long N)>(
            AllAccounts.Sum(accountId, "finding_counts", "policy_id, band, state", ["n"]), new { organization, accountId }))
            .Where(c => c.N != 0)
            .Select(c => new FindingCount(c.PolicyId, Columns.Parse<SeverityBand>(c.Band), Columns.Parse<FindingState>(c.State), c.N)),
    ];

    private static async Task<IReadOnlyList<PeriodCount>> ChangesAsync(DbConnection connection, string organization, DateOnly since, DateOnly month)
    {
        var rows = await connection.QueryAsync<(string Change, string Period, long N)>(
            AllAccounts.Sum(
                null, "finding_history", "change, period", ["n"],
                "c.period >= @from AND (c.change <> 'resolved' AND c.period >= @since OR c.change = 'resolved' AND c.period >= @month)"),
            new { organization, from = Columns.Day(since < month ? since : month), since = Columns.Day(since), month = Columns.Day(month) });
        return
        [
            .. rows.Where(r => r.N != 0).Select(r => new PeriodCount(
                Columns.Parse<FindingChange>(r.Change), DateOnly.ParseExact(r.Period, "yyyy-MM-dd", CultureInfo.InvariantCulture), r.N)),
        ];
    }
}
