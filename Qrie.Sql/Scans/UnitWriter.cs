using System.Data.Common;
using Dapper;
using Qrie.Domain.Scans;
using Qrie.Sql.Database;

namespace Qrie.Sql.Scans;

/// <summary>Claims, renews, completes and releases units, in the caller's transaction.</summary>
internal static class UnitWriter
{
    private const string HeldByClaimant =
        """
        organization = @Organization AND scan_id = @ScanId AND account_id = @AccountId AND region = @Region AND service = @Service
        AND status = 'running' AND epoch = @Epoch
        """;

    private const string Free =
        "UPDATE units SET status = 'pending', owner = NULL, lease_until = NULL, epoch = epoch + 1 WHERE status = 'running'";

    public static async Task<Unit?> ClaimAsync(
        DbTransaction transaction, string owner, DateTimeOffset now, TimeSpan lease, int perAccount, ScanKind? only)
    {
        var at = Columns.Ms(now);
        var row = await transaction.Connection!.QueryFirstOrDefaultAsync<UnitRow>(
            """
            UPDATE units SET status = 'running', owner = @owner, lease_until = @until, epoch = epoch + 1, attempts = attempts + 1,
                             started_at = coalesce(started_at, @at)
            WHERE (organization, scan_id, account_id, region, service) = (
                SELECT u.organization, u.scan_id, u.account_id, u.region, u.service FROM units u
                WHERE u.status IN ('pending', 'running') AND (u.status = 'pending' OR u.lease_until < @at) AND (@only = '' OR u.kind = @only)
                  AND (u.after_scan IS NULL OR EXISTS (
                    SELECT 1 FROM scans s WHERE s.organization = u.organization AND s.scan_id = u.after_scan AND s.finished_at IS NOT NULL))
                  AND NOT EXISTS (
                    SELECT 1 FROM units other
                    WHERE other.status = 'running' AND other.lease_until >= @at AND other.organization = u.organization
                      AND other.kind = u.kind AND other.account_id = u.account_id AND other.region = u.region
                      AND other.service = u.service)
                  AND (SELECT count(*) FROM units other
                       WHERE other.status = 'running' AND other.lease_until >= @at AND other.organization = u.organization
                         AND other.kind = u.kind AND other.account_id = u.account_id) < @perAccount
                ORDER BY u.priority, u.created_at, u.turn, u.organization, u.scan_id, u.account_id, u.region, u.service
                LIMIT 1)
            RETURNING *
            """,
            new { owner, at, until = Columns.Ms(now + lease), perAccount, only = only is { } kind ? Columns.Name(kind) : "" }, transaction);
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
    }

    /// <summary>An expired lease may be renewed as long as no other worker runs the same account, region and service.</summary>
    public static async Task<bool> RenewAsync(DbTransaction transaction, Unit unit, UnitResult soFar, DateTimeOffset now, TimeSpan lease)
    {
        var at = Columns.Ms(now);
        var held = await transaction.Connection!.ExecuteAsync(
            $"""
            UPDATE units SET lease_until = @until, counters = @counters, calls = @calls
            WHERE {HeldByClaimant}
              AND (lease_until >= @at OR NOT EXISTS (
                SELECT 1 FROM units other
                WHERE other.status = 'running' AND other.lease_until >= @at AND other.organization = units.organization
                  AND other.kind = units.kind AND other.account_id = units.account_id AND other.region = units.region
                  AND other.service = units.service))
            """,
            Claim(unit, new { at, until = Columns.Ms(now + lease), counters = Columns.Json(soFar.Counters.Values), calls = Columns.Json(soFar.Calls) }),
            transaction);
        if (held == 0)
        {
            return false;
        }

        await transaction.Connection!.ExecuteAsync(
            "UPDATE scans SET heartbeat_at = @at WHERE organization = @Organization AND scan_id = @ScanId",
            new { unit.Organization, unit.ScanId, at }, transaction);
        return true;
    }

    /// <summary>Returns false if the claim was lost.</summary>
    public static async Task<bool> EndAsync(DbTransaction transaction, Unit unit, UnitStatus status, UnitResult result, DateTimeOffset now) =>
        await transaction.Connection!.ExecuteAsync(
            $"""
            UPDATE units SET status = @status, lease_until = NULL, finished_at = @at, counters = @counters, errors = @errors, calls = @calls
            WHERE {HeldByClaimant}
            """,
            Claim(unit, new
            {
                status = Columns.Name(status),
                at = Columns.Ms(now),
                counters = Columns.Json(result.Counters.Values),
                errors = Columns.Json(result.Errors),
                calls = Columns.Json(result.Calls),
            }),
            transaction) > 0;

    public static Task ReleaseAsync(DbTransaction transaction, Unit unit) => transaction.Connection!.ExecuteAsync(
        $"UPDATE units SET status = 'pending', owner = NULL, lease_until = NULL, attempts = attempts - 1 WHERE {HeldByClaimant}",
        Claim(unit, new { }), transaction);

    /// <summary>
    /// Makes units with an expired lease pending again, and those whose lease is longer than any can be: the clock was ahead when it was taken, or was set back
    /// since. Returns how many.
    /// </summary>
    public static Task<int> FreeExpiredAsync(DbTransaction transaction, long at, long farAhead) => transaction.Connection!.ExecuteAsync(
        $"{Free} AND (lease_until < @at OR lease_until > @farAhead)", new { at, farAhead }, transaction);

    /// <summary>Makes all running units pending again: their process is gone. Returns how many.</summary>
    public static Task<int> FreeAllAsync(DbTransaction transaction) => transaction.Connection!.ExecuteAsync(Free, null, transaction);

    private static DynamicParameters Claim(Unit unit, object more)
    {
        var parameters = new DynamicParameters(more);
        parameters.AddDynamicParams(new { unit.Organization, unit.ScanId, unit.AccountId, unit.Region, unit.Service, unit.Epoch });
        return parameters;
    }
}
