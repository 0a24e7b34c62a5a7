using System.Data.Common;
using Dapper;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Sql.Alerts;
using Qrie.Sql.Dashboard;
using Qrie.Sql.Database;

namespace Qrie.Sql.Scans;

/// <summary>The ways in which scans end, in the caller's transaction.</summary>
internal static class ScanEnding
{
    private static readonly ScanError Abandoned =
        new(null, null, null, null, "ABANDONED", "The scan had no heartbeat for too long and was abandoned.");

    /// <summary>Adds a completed unit to its scan; the last one completes the scan.</summary>
    public static async Task CountAsync(
        DbTransaction transaction, SqlDatabase database, Unit unit, UnitStatus status, UnitResult result, DateTimeOffset now)
    {
        var row = await transaction.Connection!.QueryFirstAsync<ScanRow>(
            $"SELECT * FROM scans WHERE organization = @Organization AND scan_id = @ScanId", unit, transaction);
        var scan = row.ToScan();
        if (scan.FinishedAt is not null)
        {
            return; // it was abandoned or cancelled; the unit's own row keeps its results
        }

        scan.Counters.Add(result.Counters);
        var errors = result.Errors.Select(
            e => new ScanError(unit.AccountId, unit.Region.Length == 0 ? null : unit.Region, unit.Service, e.Type, e.Code, e.Message));
        var failed = scan.FailedUnits + (status == UnitStatus.Failed ? 1 : 0);
        var remaining = scan.RemainingUnits - 1;
        var merged = ScanError.Merge(scan.Errors, errors);
        var ended = failed > 0 ? ScanStatus.CompletedWithErrors : ScanStatus.Completed;
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
                errors = Columns.Json(merged),
                at = Columns.Ms(now),
                status = Columns.Name(remaining > 0 ? ScanStatus.Running : ended),
                finishedAt = remaining > 0 ? null : (long?)Columns.Ms(now),
            },
            transaction);
        if (remaining == 0)
        {
            await EndedAsync(transaction, scan with { Errors = merged }, ended, now);
        }
    }

    /// <summary>Returns false if it has ended already or does not exist.</summary>
    public static async Task<bool> CancelAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string scanId, DateTimeOffset now)
    {
        var at = Columns.Ms(now);
        var scan = await transaction.Connection!.QueryFirstOrDefaultAsync<ScanRow>(
            $"SELECT * FROM scans WHERE organization = @organization AND scan_id = @scanId AND finished_at IS NULL",
            new { organization, scanId }, transaction);
        if (scan is null)
        {
            return false;
        }

        await ScanProgressTable.EndRestAsync(transaction, database, organization, scanId, UnitStatus.Cancelled);

        // The epoch increases, so that workers can no longer complete their units.
        await transaction.Connection!.ExecuteAsync(
            """
            UPDATE units SET status = 'cancelled', lease_until = NULL, finished_at = @at, epoch = epoch + 1
            WHERE organization = @organization AND scan_id = @scanId AND status IN ('pending', 'running')
            """,
            new { organization, scanId, at }, transaction);
        await transaction.Connection!.ExecuteAsync(
            """
            UPDATE scans SET status = 'cancelled', finished_at = @at, remaining_units = 0 WHERE organization = @organization AND scan_id = @scanId
            """,
            new { organization, scanId, at }, transaction);
        return true;
    }

    /// <summary>Ends the remaining units of an account in all scans and completes scans without other units. Returns the number of units.</summary>
    public static async Task<int> CancelAccountAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string accountId, DateTimeOffset now)
    {
        var at = Columns.Ms(now);
        var unfinished = (await transaction.Connection!.QueryAsync<ScanRow>(
            $"SELECT * FROM scans WHERE organization = @organization AND finished_at IS NULL", new { organization }, transaction)).AsList();
        var cancelled = 0;
        foreach (var scan in unfinished.Select(row => row.ToScan()))
        {
            var key = new { organization, scanId = scan.ScanId, accountId, at };
            await ScanProgressTable.EndRestAsync(transaction, database, organization, scan.ScanId, UnitStatus.Cancelled, accountId);
            var units = await transaction.Connection!.ExecuteAsync(
                """
                UPDATE units SET status = 'cancelled', lease_until = NULL, finished_at = @at, epoch = epoch + 1
                WHERE organization = @organization AND scan_id = @scanId AND account_id = @accountId AND status IN ('pending', 'running')
                """,
                key, transaction);
            if (units == 0)
            {
                continue;
            }

            var remaining = scan.RemainingUnits - units;
            var ended = units == scan.TotalUnits ? ScanStatus.Cancelled
                : scan.FailedUnits > 0 ? ScanStatus.CompletedWithErrors
                : ScanStatus.Completed;
            await transaction.Connection!.ExecuteAsync(
                """
                UPDATE scans SET remaining_units = @remaining, status = @status, finished_at = @finishedAt
                WHERE organization = @organization AND scan_id = @scanId
                """,
                new
                {
                    organization,
                    scanId = scan.ScanId,
                    remaining,
                    status = Columns.Name(remaining > 0 ? scan.Status : ended),
                    finishedAt = remaining > 0 ? null : (long?)at,
                },
                transaction);
            if (remaining == 0)
            {
                await EndedAsync(transaction, scan, ended, now);
            }

            cancelled += units;
        }

        return cancelled;
    }

    /// <summary>Fails scans without a heartbeat for too long, with their remaining units. Returns how many.</summary>
    public static async Task<int> AbandonAsync(DbTransaction transaction, SqlDatabase database, DateTimeOffset now, TimeSpan stuckAfter)
    {
        var at = Columns.Ms(now);
        var stuck = (await transaction.Connection!.QueryAsync<ScanRow>(
            $"SELECT * FROM scans WHERE finished_at IS NULL AND heartbeat_at < @stuck",
            new { stuck = Columns.Ms(now - stuckAfter) }, transaction)).Select(row => row.ToScan()).ToList();
        await transaction.ExecuteRowsAsync(
            """
            UPDATE scans SET status = 'failed', finished_at = @at, remaining_units = 0, errors = @errors
            WHERE organization = @Organization AND scan_id = @ScanId
            """,
            stuck.Select(scan => new
            {
                scan.Organization,
                scan.ScanId,
                at,
                errors = Columns.Json(scan.Errors.Take(Scan.MaxErrors - 1).Append(Abandoned)),
            }).ToList());
        foreach (var scan in stuck)
        {
            await ScanProgressTable.EndRestAsync(transaction, database, scan.Organization, scan.ScanId, UnitStatus.Failed);
            await AlertOutbox.ScanEndedAsync(transaction, scan with { Errors = [Abandoned] }, ScanStatus.Failed, now);
        }

        await transaction.ExecuteRowsAsync(
            """
            UPDATE units SET status = 'failed', lease_until = NULL, finished_at = @at, epoch = epoch + 1
            WHERE status IN ('pending', 'running') AND organization = @Organization AND scan_id = @ScanId
            """,
            stuck.Select(scan => new { scan.Organization, scan.ScanId, at }).ToList());
        return stuck.Count;
    }

    /// <summary>Follows the completion of a scan.</summary>
    public static async Task EndedAsync(DbTransaction transaction, Scan scan, ScanStatus status, DateTimeOffset now)
    {
        await RecordFullAsync(transaction, scan);
        await AlertOutbox.ScanEndedAsync(transaction, scan, status, now);
    }

    /// <summary>Only an anti-entropy scan over everything updates the drift reference.</summary>
    private static async Task RecordFullAsync(DbTransaction transaction, Scan scan)
    {
        if (scan.ScanType == ScanType.AntiEntropy && scan.Filter.CoversAll(scan.Kind))
        {
            await transaction.Connection!.ExecuteAsync(
                """
                INSERT INTO full_scans (organization, kind, scan_id) VALUES (@Organization, @kind, @ScanId)
                ON CONFLICT (organization, kind) DO UPDATE SET scan_id = excluded.scan_id
                """,
                new { scan.Organization, kind = Columns.Name(scan.Kind), scan.ScanId }, transaction);
            if (scan.Kind == ScanKind.Inventory)
            {
                await DriftWriter.DeleteOldAsync(transaction, scan);
            }
        }
    }
}
