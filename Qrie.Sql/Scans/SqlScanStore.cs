using System.Data.Common;
using System.Globalization;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Sql.Database;
using Qrie.Sql.Events;

namespace Qrie.Sql.Scans;

public sealed class SqlScanStore(SqlDatabase database) : IScanStore
{
    public Task<bool> CreateAsync(Scan scan, IReadOnlyList<Unit> units, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction =>
            {
                var connection = transaction.Connection!;
                var added = await connection.ExecuteAsync(
                    """
                    INSERT INTO scans (organization, scan_id, kind, scan_type, triggered_by, status, filter, created_at, started_at, finished_at,
                                       heartbeat_at, scheduled_for, after_scan, total_units, remaining_units, failed_units, counters, errors)
                    VALUES (@Organization, @ScanId, @Kind, @ScanType, @TriggeredBy, @Status, @Filter, @CreatedAt, NULL, @FinishedAt,
                            @CreatedAt, @ScheduledFor, @AfterScan, @TotalUnits, @RemainingUnits, 0, @Counters, @Errors)
                    ON CONFLICT DO NOTHING
                    """,
                    ScanRow.Of(scan), transaction);
                if (added == 0)
                {
                    return false;
                }

                await transaction.ExecuteRowsAsync(
                    """
                    INSERT INTO units (organization, scan_id, account_id, region, service, kind, status, priority, created_at, turn, epoch, attempts,
                                       after_scan, counters, errors, calls)
                    VALUES (@Organization, @ScanId, @AccountId, @Region, @Service, @kind, 'pending', @priority, @createdAt, @turn, 0, 0,
                            @afterScan, @none, '[]', '[]')
                    """,
                    units.GroupBy(u => u.AccountId).SelectMany(account => account.Select((u, turn) => new
                    {
                        u.Organization,
                        u.ScanId,
                        u.AccountId,
                        u.Region,
                        u.Service,
                        kind = Columns.Name(u.Kind),
                        priority = scan.ScanType == ScanType.Bootstrap ? 0 : 1,
                        createdAt = Columns.Ms(scan.CreatedAt),
                        turn,
                        afterScan = scan.AfterScanId,
                        none = "{}",
                    })).ToList());
                await ScanProgressTable.CreateAsync(transaction, units);
                if (units.Count == 0)
                {
                    await ScanEnding.EndedAsync(transaction, scan, scan.Status, scan.CreatedAt);
                }

                return true;
            },
            cancel);

    public Task<Scan?> FindAsync(string organization, string scanId, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => (await connection.QueryFirstOrDefaultAsync<ScanRow>(
                "SELECT * FROM scans WHERE organization = @organization AND scan_id = @scanId", new { organization, scanId }))?.ToScan(),
            cancel);

    public Task<Page<Scan>> ListAsync(string organization, PageRequest page, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection =>
            {
                var rows = (await connection.QueryAsync<ScanRow>(
                    $"""
                    SELECT * FROM scans WHERE organization = @organization
                      {(page.After is null ? "" : "AND created_at <= @before AND (created_at < @before OR scan_id > @afterId)")}
                    ORDER BY created_at DESC, scan_id LIMIT @limit
                    """,
                    new
                    {
                        organization,
                        before = page.After is null ? 0 : long.Parse(page.After[0], CultureInfo.InvariantCulture),
                        afterId = page.After?[1],
                        limit = page.Size + 1,
                    })).AsList();
                return Paged.Of(
                    rows, page.Size, row => row.ToScan(), row => [row.CreatedAt.ToString(CultureInfo.InvariantCulture), row.ScanId]);
            },
            cancel);

    public Task<Page<Unit>> ListUnitsAsync(string organization, string scanId, PageRequest page, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection =>
            {
                var rows = (await connection.QueryAsync<UnitRow>(
                    """
                    SELECT * FROM units
                    WHERE organization = @organization AND scan_id = @scanId AND (account_id, region, service) > (@account, @region, @service)
                    ORDER BY account_id, region, service LIMIT @limit
                    """,
                    new
                    {
                        organization,
                        scanId,
                        account = page.After?[0] ?? "",
                        region = page.After?[1] ?? "",
                        service = page.After?[2] ?? "",
                        limit = page.Size + 1,
                    })).AsList();
                return Paged.Of(rows, page.Size, row => row.ToUnit(), row => [row.AccountId, row.Region, row.Service]);
            },
            cancel);

    public Task<IReadOnlyList<ScanProgress>> ReadProgressAsync(string organization, string scanId, CancellationToken cancel) =>
        database.ReadAsync(organization, connection => ScanProgressTable.ReadAsync(connection, organization, scanId), cancel);

    public Task<IReadOnlyList<ScanOperation>> ReadOperationsAsync(string organization, string scanId, CancellationToken cancel) =>
        database.ReadAsync(organization, connection => ScanOperationsTable.ReadAsync(connection, organization, scanId), cancel);

    public Task<Scan?> FindLastFullAsync(string organization, ScanKind kind, CancellationToken cancel) =>
        database.ReadAsync(organization, connection => LastFullAsync(connection, organization, kind), cancel);

    /// <summary>The last complete anti-entropy scan of a kind over everything.</summary>
    internal static async Task<Scan?> LastFullAsync(DbConnection connection, string organization, ScanKind kind) =>
        (await connection.QueryFirstOrDefaultAsync<ScanRow>(
            """
            SELECT s.* FROM full_scans f JOIN scans s ON s.organization = f.organization AND s.scan_id = f.scan_id
            WHERE f.organization = @organization AND f.kind = @kind
            """,
            new { organization, kind = Columns.Name(kind) }))?.ToScan();

    public Task<DateTimeOffset?> FindLastScheduledAsync(string organization, ScanKind kind, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => Columns.Time(await connection.ExecuteScalarAsync<long?>(
                "SELECT max(scheduled_for) FROM scans WHERE organization = @organization AND kind = @kind", new { organization, kind = Columns.Name(kind) })),
            cancel);

    public Task<bool> HasPolicyScanAsync(string organization, string policyId, string service, DateTimeOffset since, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            connection =>
            {
                ScanFilter[] places = [ScanFilter.Everything, new(Service: service), new(PolicyId: policyId), new(Service: service, PolicyId: policyId)];
                var filters = places.SelectMany(p => (ScanFilter[])[p, p with { Level = ScanLevel.Standard }, p with { Level = ScanLevel.Deep }])
                    .Select(Columns.Json);
                return connection.ExecuteScalarAsync<bool>(
                    $"""
                    SELECT EXISTS (SELECT 1 FROM scans WHERE organization = @organization AND created_at >= @since AND kind = @kind
                                   AND {database.Among("filter", "@filters")})
                    """,
                    new { organization, since = Columns.Ms(since), kind = Columns.Name(ScanKind.Policy), filters = database.List(filters) });
            },
            cancel);

    public Task<Unit?> ClaimNextAsync(
        string owner, DateTimeOffset now, TimeSpan lease, int perAccount, CancellationToken cancel, ScanKind? only = null) =>
        database.WriteProgressAsync(transaction => UnitWriter.ClaimAsync(transaction, owner, now, lease, perAccount, only), cancel);

    public Task<bool> RenewAsync(Unit unit, UnitResult soFar, DateTimeOffset now, TimeSpan lease, CancellationToken cancel) =>
        database.WriteProgressAsync(transaction => UnitWriter.RenewAsync(transaction, unit, soFar, now, lease), cancel);

    public Task<bool> EndAsync(Unit unit, UnitStatus status, UnitResult result, DateTimeOffset now, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction =>
            {
                if (!await UnitWriter.EndAsync(transaction, unit, status, result, now))
                {
                    return false;
                }

                await ScanProgressTable.CountAsync(transaction, database, unit, status, result);
                await ScanOperationsTable.CountAsync(transaction, unit, result);
                await ScanEnding.CountAsync(transaction, database, unit, status, result, now);
                return true;
            },
            cancel);

    public Task ReleaseAsync(Unit unit, CancellationToken cancel) =>
        database.WriteAsync(transaction => UnitWriter.ReleaseAsync(transaction, unit), cancel);

    public Task<bool> CancelAsync(string organization, string scanId, DateTimeOffset now, CancellationToken cancel) =>
        database.WriteAsync(organization, transaction => ScanEnding.CancelAsync(transaction, database, organization, scanId, now), cancel);

    public Task<int> CancelAccountAsync(string organization, string accountId, DateTimeOffset now, CancellationToken cancel) =>
        database.WriteAsync(organization, transaction => ScanEnding.CancelAccountAsync(transaction, database, organization, accountId, now), cancel);

    public Task<SweepResult> SweepAsync(DateTimeOffset now, TimeSpan stuckAfter, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction =>
            {
                var at = Columns.Ms(now);
                // A scan that waits for a worker, or for the lease of a dead one, has no unit that updates its heartbeat.
                await transaction.Connection!.ExecuteAsync(
                    """
                    UPDATE scans SET heartbeat_at = @at
                    WHERE finished_at IS NULL AND EXISTS (
                        SELECT 1 FROM units u WHERE u.organization = scans.organization AND u.scan_id = scans.scan_id AND u.status = 'pending')
                    """,
                    new { at }, transaction);
                var requeued = await UnitWriter.FreeExpiredAsync(transaction, at, Columns.Ms(now + stuckAfter));
                var abandoned = await ScanEnding.AbandonAsync(transaction, database, now, stuckAfter);
                return new SweepResult(requeued, abandoned);
            },
            cancel);

    public Task<(int Abandoned, int Resumed)> RecoverAsync(DateTimeOffset now, TimeSpan stuckAfter, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction =>
            {
                var abandoned = await ScanEnding.AbandonAsync(transaction, database, now, stuckAfter);
                var resumed = database.IsShared
                    ? await UnitWriter.FreeExpiredAsync(transaction, Columns.Ms(now), Columns.Ms(now + stuckAfter))
                    : await UnitWriter.FreeAllAsync(transaction);
                await EventWriter.FreeAsync(transaction, database, now);
                await transaction.Connection!.ExecuteAsync(
                    "UPDATE scans SET heartbeat_at = @at WHERE finished_at IS NULL", new { at = Columns.Ms(now) }, transaction);
                return (abandoned, resumed);
            },
            cancel);
}
