using System.Data.Common;
using System.Globalization;
using Dapper;
using Qrie.Domain.Catalog;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Sql.Database;
using Qrie.Sql.Scans;

namespace Qrie.Sql.Dashboard;

public sealed class SqlSummaryStore(SqlDatabase database) : ISummaryStore
{
    private readonly ReadCache _cache = new(database);

    public Task<IReadOnlyList<FindingCount>> CountFindingsAsync(string organization, string? accountId, CancellationToken cancel) =>
        _cache.GetAsync(
            (nameof(CountFindingsAsync), organization, accountId),
            async connection => await FindingsAsync(connection, organization, await AccountSums.OfAsync(connection, organization, accountId)), cancel);

    public Task<ResourceCounts> CountResourcesAsync(string organization, string? accountId, CancellationToken cancel) =>
        _cache.GetAsync(
            (nameof(CountResourcesAsync), organization, accountId),
            async connection => await ResourcesAsync(connection, organization, await AccountSums.OfAsync(connection, organization, accountId)), cancel);

    public Task<IReadOnlyDictionary<Verdict, long>> CountVerdictsAsync(string organization, string? accountId, CancellationToken cancel) =>
        _cache.GetAsync<IReadOnlyDictionary<Verdict, long>>(
            (nameof(CountVerdictsAsync), organization, accountId),
            async connection => (await connection.QueryAsync<(string Verdict, long N)>(
                """
                SELECT c.verdict, CAST(SUM(c.n) AS bigint) FROM verdict_counts c
                JOIN policies p ON p.organization = c.organization AND p.policy_id = c.policy_id AND p.revision = c.revision
                               AND p.status = 'active'
                JOIN accounts a ON a.organization = c.organization AND a.account_id = substr(c.account_service, 1, 12) AND a.status = 'active'
                WHERE c.organization = @organization AND c.n > 0 AND (@accountId IS NULL OR a.account_id = @accountId)
                GROUP BY c.verdict
                """,
                new { organization, accountId })).ToDictionary(c => Columns.Parse<Verdict>(c.Verdict), c => c.N),
            cancel);

    public Task<DashboardCounts> ReadDashboardAsync(string organization, DateOnly since, DateOnly month, CancellationToken cancel) =>
        _cache.GetAsync(
            (nameof(ReadDashboardAsync), organization, since, month),
            async connection =>
            {
                var sums = await AccountSums.OfAsync(connection, organization, accountId: null);
                return new DashboardCounts(
                    await ResourcesAsync(connection, organization, sums), await ChangesAsync(connection, organization, sums, since, month),
                    await PoliciesAsync(connection, organization, month), await SqlScanStore.LastFullAsync(connection, organization, ScanKind.Inventory),
                    await SqlScanStore.LastFullAsync(connection, organization, ScanKind.Policy), await NotInventoriedAsync(connection, organization));
            },
            cancel);

    public Task<IReadOnlyDictionary<string, int>> FindFirstSeveritiesAsync(
        string organization, IReadOnlyCollection<string> policyIds, CancellationToken cancel) =>
        _cache.GetAsync<IReadOnlyDictionary<string, int>>(
            (nameof(FindFirstSeveritiesAsync), organization, string.Join(' ', policyIds)),
            async connection => (await connection.QueryAsync<(string PolicyId, long Severity, long? First)>(
                // The facets of a policy are few, and the oldest finding of one is the end of an index range.
                $"""
                SELECT c.policy_id, c.severity,
                       (SELECT min(f.first_seen) FROM findings f
                        WHERE f.organization = c.organization AND f.policy_id = c.policy_id AND f.state = c.state AND f.severity = c.severity
                          AND f.region = c.region AND f.type = c.type AND f.service = c.service) AS first
                FROM finding_facets c WHERE c.organization = @organization AND {database.Among("c.policy_id", "@policyIds")}
                """,
                new { organization, policyIds = database.List(policyIds) }))
                .Where(c => c.First is not null)
                .GroupBy(c => c.PolicyId)
                .ToDictionary(g => g.Key, g => (int)g.MinBy(c => c.First).Severity),
            cancel);

    public Task<PolicyHistory> ReadPolicyHistoryAsync(string organization, string policyId, DateOnly since, CancellationToken cancel) =>
        _cache.GetAsync(
            (nameof(ReadPolicyHistoryAsync), organization, policyId, since),
            async connection =>
            {
                var sums = await AccountSums.OfAsync(connection, organization, accountId: null);
                var parameters = new { organization, accountId = (string?)null, policyId, since = Columns.Day(since) };
                var states = (await connection.QueryAsync<(string State, long N)>(
                    sums.Select("finding_counts", "state", ["n"], "c.policy_id = @policyId"), parameters)).AsList();
                var changes = await connection.QueryAsync<(string Change, string Period, long N)>(
                    sums.Select("policy_history", "change, period", ["n"], "c.policy_id = @policyId AND c.period >= @since"), parameters);
                return new PolicyHistory(
                    states.Sum(s => s.N), states.Where(s => s.State == Columns.Name(FindingState.Active)).Sum(s => s.N), PeriodsOf(changes));
            },
            cancel);

    public Task<IReadOnlyList<TriageCounts>> CountTriageAsync(
        string organization, OverdueFilter overdue, DateOnly since, CancellationToken cancel) =>
        _cache.GetAsync<IReadOnlyList<TriageCounts>>(
            (nameof(CountTriageAsync), organization, overdue, since),
            async connection =>
            {
                string Before(SeverityBand band) => Columns.Day(overdue.Settings.OpenedBefore(band, overdue.Today));
                var sums = await AccountSums.OfAsync(connection, organization, accountId: null);
                var late = (await connection.QueryAsync<(string Band, long N)>(
                    sums.Select(
                        "open_days", "band", ["n"],
                        """
                        c.day < CASE WHEN c.kind = 'due' THEN @today WHEN c.band = 'critical' THEN @critical WHEN c.band = 'high' THEN @high
                                     WHEN c.band = 'medium' THEN @medium ELSE @low END
                        """),
                    new
                    {
                        organization,
                        today = Columns.Day(overdue.Today),
                        critical = Before(SeverityBand.Critical),
                        high = Before(SeverityBand.High),
                        medium = Before(SeverityBand.Medium),
                        low = Before(SeverityBand.Low),
                    })).ToDictionary(c => Columns.Parse<SeverityBand>(c.Band), c => c.N);
                var resolved = (await connection.QueryAsync<(string Band, long N, long Seconds)>(
                    sums.Select("resolution_days", "band", ["n", "seconds"], "c.day >= @since"), new { organization, since = Columns.Day(since) }))
                    .ToDictionary(c => Columns.Parse<SeverityBand>(c.Band), c => (c.N, c.Seconds));
                return
                [
                    .. Enum.GetValues<SeverityBand>().OrderDescending().Select(band =>
                    {
                        var (n, seconds) = resolved.GetValueOrDefault(band);
                        return new TriageCounts(band, late.GetValueOrDefault(band), n, seconds);
                    }),
                ];
            },
            cancel);

    private static async Task<ResourceCounts> ResourcesAsync(DbConnection connection, string organization, AccountSums sums)
    {
        var services = (await connection.QueryAsync<(string Service, long Alive, long NonCompliant)>(
            sums.Select("service_counts", "service", ["resources", "non_compliant"]), new { organization, accountId = sums.AccountId }))
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
            new { organization, accountId = sums.AccountId });
        return new ResourceCounts(services, (int)accounts, await FindingsAsync(connection, organization, sums));
    }

    private static async Task<IReadOnlyList<FindingCount>> FindingsAsync(DbConnection connection, string organization, AccountSums sums) =>
    [
        .. (await connection.QueryAsync<(string PolicyId, string Band, string State, long N)>(
            sums.Select("finding_counts", "policy_id, band, state", ["n"]), new { organization, accountId = sums.AccountId }))
            .Where(c => c.N != 0)
            .Select(c => new FindingCount(c.PolicyId, Columns.Parse<SeverityBand>(c.Band), Columns.Parse<FindingState>(c.State), c.N)),
    ];

    private static async Task<IReadOnlyList<PeriodCount>> ChangesAsync(
        DbConnection connection, string organization, AccountSums sums, DateOnly since, DateOnly month)
    {
        var rows = await connection.QueryAsync<(string Change, string Period, long N)>(
            sums.Select(
                "finding_history", "change, period", ["n"],
                "c.period >= @from AND (c.change <> 'resolved' AND c.period >= @since OR c.change = 'resolved' AND c.period >= @month)"),
            new { organization, from = Columns.Day(since < month ? since : month), since = Columns.Day(since), month = Columns.Day(month) });
        return PeriodsOf(rows);
    }

    private static IReadOnlyList<PeriodCount> PeriodsOf(IEnumerable<(string Change, string Period, long N)> rows) =>
    [
        .. rows.Where(r => r.N != 0).Select(r => new PeriodCount(
            Columns.Parse<FindingChange>(r.Change), DateOnly.ParseExact(r.Period, "yyyy-MM-dd", CultureInfo.InvariantCulture), r.N)),
    ];

    private static async Task<PolicyCounts> PoliciesAsync(DbConnection connection, string organization, DateOnly month)
    {
        var (active, launched) = await connection.QueryFirstAsync<(long Active, long? Launched)>(
            "SELECT count(*), sum(CASE WHEN created_at >= @month THEN 1 ELSE 0 END) FROM policies WHERE organization = @organization AND status = 'active'",
            new { organization, month = Columns.Ms(new DateTimeOffset(month, TimeOnly.MinValue, TimeSpan.Zero)) });
        return new PolicyCounts((int)active, (int)(launched ?? 0));
    }

    private static async Task<IReadOnlyList<string>> NotInventoriedAsync(DbConnection connection, string organization) =>
        (await connection.QueryAsync<string>(
            "SELECT account_id FROM accounts WHERE organization = @organization AND status = 'active' AND last_inventory_at IS NULL ORDER BY account_id",
            new { organization })).AsList();
}
