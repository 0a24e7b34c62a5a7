using System.Data.Common;
using System.Globalization;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Scans;
using Qrie.Sql.Database;

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
                                       heartbeat_at, scheduled_for, total_units, remaining_units, failed_units, counters, errors)
                    VALUES (@Organization, @ScanId, @Kind, @ScanType, @TriggeredBy, @Status, @Filter, @CreatedAt, NULL, @FinishedAt,
                            @CreatedAt, @ScheduledFor, @TotalUnits, @RemainingUnits, 0, @Counters, @Errors)
                    ON CONFLICT DO NOTHING
                    """,
                    ScanRow.Of(scan), transaction);
                if (added == 0)
                {
                    return false;
                }

                await connection.ExecuteAsync(
                    """
                    INSERT INTO units (organization, scan_id, account_id, region, service, kind, status, priority, created_at, epoch, attempts,
                                       counters, errors)
                    VALUES (@Organization, @ScanId, @AccountId, @Region, @Service, @kind, 'pending', @priority, @createdAt, 0, 0, @none, '[]')
                    """,
                    units.Select(u => new
                    {
                        u.Organization,
                        u.ScanId,
                        u.AccountId,
                        u.Region,
                        u.Service,
                        kind = Columns.Name(u.Kind),
                        priority = scan.ScanType == ScanType.Bootstrap ? 0 : 1,
                        createdAt = Columns.Ms(scan.CreatedAt),
                        none = "{}",
                    }).ToList(),
                    transaction);
                return true;
            },
            cancel);

    public Task<Scan?> FindAsync(string organization, string scanId, CancellationToken cancel) =>
        database.ReadAsync(
            async connection => (await connection.QueryFirstOrDefaultAsync<ScanRow>(
                "SELECT * FROM scans WHERE organization = @organization AND scan_id = @scanId", new { organization, scanId }))?.ToScan(),
            cancel);

    public Task<Page<Scan>> ListAsync(string organization, PageRequest page, CancellationToken cancel) =>
        database.ReadAsync(
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

    public Task<IReadOnlyList<Unit>> ListUnitsAsync(string organization, string scanId, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<Unit>>(
            async connection =>
            [
                .. (await connection.QueryAsync<UnitRow>(
                    """
                    SELECT * FROM units WHERE organization = @organization AND scan_id = @scanId ORDER BY account_id, region, service
                    """,
                    new { organization, scanId })).Select(row => row.ToUnit()),
            ],
            cancel);

    public Task<Unit?> ClaimNextAsync(string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction =>
            {
                var at = Columns.Ms(now);
                var row = await transaction.Connection!.QueryFirstOrDefaultAsync<UnitRow>(
                    $"""
                    UPDATE units SET status = 'running', owner = @owner, lease_until = @until, epoch = epoch + 1, attempts = attempts + 1,
                                     started_at = coalesce(started_at, @at)
                    WHERE (organization, scan_id, account_id, region, service) = (
                        SELECT u.organization, u.scan_id, u.account_id, u.region, u.service FROM units u
                        WHERE u.status IN ('pending', 'running') AND (u.status = 'pending' OR u.lease_until < @at)
                          AND NOT EXISTS (
                            SELECT 1 FROM units other
                            WHERE other.status = 'running' AND other.lease_until >= @at AND other.organization = u.organization
                              AND other.kind = u.kind AND other.account_id = u.account_id AND other.region = u.region
                              AND other.service = u.service)
                        ORDER BY u.priority, u.created_at, u.organization, u.scan_id, u.account_id, u.region, u.service
                        LIMIT 1{database.SkipLocked})
                    RETURNING *
                    """,
                    new { owner, at, until = Columns.Ms(now + lease) }, transaction);
                if (row is null)
                {
                    return null;
                }

                await transaction.Connection!.ExecuteAsync(
                    """
                    UPDATE scans SET status = 'running', started_at = coalesce(started_at, @at), heartbeat_at = @at
                    WHERE organization = @Organization AND scan_id = @ScanId AND finished_at IS NULL
                    """,
                    new { row.Organization, row.ScanId, at }, transaction);
                return row.ToUnit();
            },
            cancel);

    public Task<bool> RenewAsync(Unit unit, DateTimeOffset now, TimeSpan lease, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction =>
            {
                var at = Columns.Ms(now);
                var held = await transaction.Connection!.ExecuteAsync(
                    $"""
                    UPDATE units SET lease_until = @until
                    WHERE {HeldByClaimant}
                      AND (lease_until >= @at OR NOT EXISTS (
                        SELECT 1 FROM units other
                        WHERE other.status = 'running' AND other.lease_until >= @at AND other.organization = units.organization
                          AND other.kind = units.kind AND other.account_id = units.account_id AND other.region = units.region
                          AND other.service = units.service))
                    """,
                    Claim(unit, new { at, until = Columns.Ms(now + lease) }), transaction);
                if (held == 0)
                {
                    return false;
                }

                await transaction.Connection!.ExecuteAsync(
                    "UPDATE scans SET heartbeat_at = @at WHERE organization = @Organization AND scan_id = @ScanId",
                    new { unit.Organization, unit.ScanId, at }, transaction);
                return true;
            },
            cancel);

    public Task<bool> EndAsync(Unit unit, UnitStatus status, UnitResult result, DateTimeOffset now, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction =>
            {
                var ended = await transaction.Connection!.ExecuteAsync(
                    $"""
                    UPDATE units SET status = @status, lease_until = NULL, finished_at = @at, counters = @counters, errors = @errors
                    WHERE {HeldByClaimant}
                    """,
                    Claim(unit, new
                    {
                        status = Columns.Name(status),
                        at = Columns.Ms(now),
                        counters = Columns.Json(result.Counters.Values),
                        errors = Columns.Json(result.Errors),
                    }),
                    transaction);
                if (ended == 0)
                {
                    return false;
                }

                await CountIntoScanAsync(transaction, unit, status, result, now);
                return true;
            },
            cancel);

    public Task ReleaseAsync(Unit unit, CancellationToken cancel) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                $"UPDATE units SET status = 'pending', owner = NULL, lease_until = NULL WHERE {HeldByClaimant}", Claim(unit, new { }), transaction),
            cancel);

    public Task<(int Abandoned, int Resumed)> RecoverAsync(DateTimeOffset now, TimeSpan stuckAfter, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction =>
            {
                var connection = transaction.Connection!;
                var at = Columns.Ms(now);
                var stuck = (await connection.QueryAsync<ScanRow>(
                    $"SELECT * FROM scans WHERE finished_at IS NULL AND heartbeat_at < @stuck{database.ForUpdate}",
                    new { stuck = Columns.Ms(now - stuckAfter) }, transaction)).Select(row => row.ToScan()).ToList();
                await connection.ExecuteAsync(
                    """
                    UPDATE scans SET status = 'failed', finished_at = @at, remaining_units = 0, errors = @errors
                    WHERE organization = @Organization AND scan_id = @ScanId
                    """,
                    stuck.Select(scan => new
                    {
                        scan.Organization,
                        scan.ScanId,
                        at,
                        errors = Columns.Json(scan.Errors.Take(Scan.ErrorsKept - 1).Append(Abandoned)),
                    }).ToList(),
                    transaction);
                await connection.ExecuteAsync(
                    """
                    UPDATE units SET status = 'failed', lease_until = NULL, finished_at = @at
                    WHERE status IN ('pending', 'running')
                      AND EXISTS (SELECT 1 FROM scans s
                                  WHERE s.organization = units.organization AND s.scan_id = units.scan_id AND s.finished_at IS NOT NULL)
                    """,
                    new { at }, transaction);
                var resumed = await connection.ExecuteAsync(
                    "UPDATE units SET status = 'pending', owner = NULL, lease_until = NULL, epoch = epoch + 1 WHERE status = 'running'", null, transaction);
                await connection.ExecuteAsync("UPDATE scans SET heartbeat_at = @at WHERE finished_at IS NULL", new { at }, transaction);
                return (stuck.Count, resumed);
            },
            cancel);

    private static readonly ScanError Abandoned =
        new(null, null, null, null, "ABANDONED", "The scan had no heartbeat for too long and was given up.");

    private const string HeldByClaimant =
        """
        organization = @Organization AND scan_id = @ScanId AND account_id = @AccountId AND region = @Region AND service = @Service
        AND status = 'running' AND epoch = @Epoch
        """;

    private static DynamicParameters Claim(Unit unit, object more)
    {
        var parameters = new DynamicParameters(more);
        parameters.AddDynamicParams(new { unit.Organization, unit.ScanId, unit.AccountId, unit.Region, unit.Service, unit.Epoch });
        return parameters;
    }

    private async Task CountIntoScanAsync(DbTransaction transaction, Unit unit, UnitStatus status, UnitResult result, DateTimeOffset now)
    {
        var row = await transaction.Connection!.QueryFirstAsync<ScanRow>(
            $"SELECT * FROM scans WHERE organization = @Organization AND scan_id = @ScanId{database.ForUpdate}", unit, transaction);
        var scan = row.ToScan();
        if (scan.FinishedAt is not null)
        {
            return; // it was abandoned or cancelled; the unit's own row keeps what it did
        }

        scan.Counters.Add(result.Counters);
        var errors = result.Errors.Select(e => new ScanError(unit.AccountId, unit.Region.Length == 0 ? null : unit.Region, unit.Service, e.Type, e.Code, e.Message));
        var failed = scan.FailedUnits + (status == UnitStatus.Failed ? 1 : 0);
        var remaining = scan.RemainingUnits - 1;
        await transaction.Connection!.ExecuteAsync(
            """
            UPDATE scans SET remaining_units = @remaining, failed_units = @failed, counters = @counters, errors = @errors, heartbeat_at = @at,
                             status = @status, finished_at = @finishedAt
            WHERE organization = @Organization AND scan_id = @ScanId
            """,
            new
            {
                unit.Organization,
                unit.ScanId,
                remaining,
                failed,
                counters = Columns.Json(scan.Counters.Values),
                errors = Columns.Json(scan.Errors.Concat(errors).Take(Scan.ErrorsKept)),
                at = Columns.Ms(now),
                status = Columns.Name(remaining > 0 ? ScanStatus.Running : failed > 0 ? ScanStatus.CompletedWithErrors : ScanStatus.Completed),
                finishedAt = remaining > 0 ? null : (long?)Columns.Ms(now),
            },
            transaction);
    }
}
