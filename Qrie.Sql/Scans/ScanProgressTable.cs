using System.Data.Common;
using Dapper;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Sql.Database;

namespace Qrie.Sql.Scans;

/// <summary>
/// The progress of scans by account and service. Completed units are totalled in the transaction that completes them; running ones, of which there are few, are
/// read directly; the others are pending. So the progress of a scan with a hundred thousand units is read without reading them.
/// </summary>
internal static class ScanProgressTable
{
    public static Task CreateAsync(DbTransaction transaction, IEnumerable<Unit> units) =>
        transaction.ExecuteRowsAsync(
            """
            INSERT INTO scan_progress (organization, scan_id, account_id, service, total, done, failed, cancelled, counters, errors)
            VALUES (@Organization, @ScanId, @AccountId, @Service, @total, 0, 0, 0, @none, 0)
            """,
            units.GroupBy(u => (u.Organization, u.ScanId, u.AccountId, u.Service))
                .Select(g => new { g.Key.Organization, g.Key.ScanId, g.Key.AccountId, g.Key.Service, total = g.Count(), none = "{}" })
                .ToList());

    /// <summary>Must be called in the transaction in which the unit ends.</summary>
    public static async Task CountAsync(DbTransaction transaction, SqlDatabase database, Unit unit, UnitStatus status, UnitResult result)
    {
        await AddAsync(transaction, database, unit.Organization, unit.ScanId, unit.AccountId, unit.Service, result.Counters, result.Errors.Count);
        await transaction.Connection!.ExecuteAsync(
            $"""
            UPDATE scan_progress SET {(status == UnitStatus.Failed ? "failed = failed + 1" : "done = done + 1")}
            WHERE organization = @Organization AND scan_id = @ScanId AND account_id = @AccountId AND service = @Service
            """,
            new { unit.Organization, unit.ScanId, unit.AccountId, unit.Service }, transaction);
    }

    /// <summary>Ends everything of a scan that has not ended. Must be called before the units are changed, in the same transaction.</summary>
    /// <param name="status">Failed or cancelled.</param>
    /// <param name="accountId">Only in this account; null for all of it.</param>
    public static async Task EndRestAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string scanId, UnitStatus status, string? accountId = null)
    {
        var only = accountId is null ? "" : "AND account_id = @accountId";
        // Started units count although they were not completed: their writes stay.
        var begun = await transaction.Connection!.QueryAsync<UnitRow>(
            $"""
            SELECT account_id, service, counters FROM units
            WHERE organization = @organization AND scan_id = @scanId {only} AND status IN ('pending', 'running') AND counters <> @none
            """,
            new { organization, scanId, accountId, none = "{}" }, transaction);
        foreach (var row in begun.ToList())
        {
            await AddAsync(transaction, database, organization, scanId, row.AccountId, row.Service, CountersOf(row.Counters), errors: 0);
        }

        var rest = "total - done - failed - cancelled";
        await transaction.Connection!.ExecuteAsync(
            $"""
            UPDATE scan_progress SET {(status == UnitStatus.Failed ? $"failed = failed + ({rest})" : $"cancelled = cancelled + ({rest})")}
            WHERE organization = @organization AND scan_id = @scanId {only}
            """,
            new { organization, scanId, accountId }, transaction);
    }

    /// <summary>Ordered by account, service.</summary>
    public static async Task<IReadOnlyList<ScanProgress>> ReadAsync(DbConnection connection, string organization, string scanId)
    {
        var running = (await connection.QueryAsync<UnitRow>(
            "SELECT account_id, service, counters FROM units WHERE status = 'running' AND organization = @organization AND scan_id = @scanId",
            new { organization, scanId })).ToLookup(u => (u.AccountId, u.Service));
        var rows = await connection.QueryAsync<Row>(
            "SELECT * FROM scan_progress WHERE organization = @organization AND scan_id = @scanId ORDER BY account_id, service", new { organization, scanId });
        return [.. rows.Select(row => row.ToProgress([.. running[(row.AccountId, row.Service)]]))];
    }

    private static async Task AddAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string scanId, string accountId, string service, ScanCounters more, int errors)
    {
        var key = new { organization, scanId, accountId, service };
        const string Here = "organization = @organization AND scan_id = @scanId AND account_id = @accountId AND service = @service";
        var stored = await transaction.Connection!.ExecuteScalarAsync<string?>(
            $"SELECT counters FROM scan_progress WHERE {Here}", key, transaction);
        var sum = CountersOf(stored ?? "{}");
        sum.Add(more);
        await transaction.Connection!.ExecuteAsync(
            $"UPDATE scan_progress SET counters = @counters, errors = errors + @errors WHERE {Here}",
            new { organization, scanId, accountId, service, counters = Columns.Json(sum.Values), errors }, transaction);
    }

    private static ScanCounters CountersOf(string json) => new(Columns.FromJson<Dictionary<string, long>>(json));

    private sealed class Row
    {
        public string AccountId { get; set; } = "";
        public string Service { get; set; } = "";
        public long Total { get; set; }
        public long Done { get; set; }
        public long Failed { get; set; }
        public long Cancelled { get; set; }
        public string Counters { get; set; } = "";
        public long Errors { get; set; }

        public ScanProgress ToProgress(IReadOnlyList<UnitRow> running)
        {
            var counters = CountersOf(Counters);
            foreach (var unit in running)
            {
                counters.Add(CountersOf(unit.Counters));
            }

            var units = new Dictionary<UnitStatus, int>
            {
                [UnitStatus.Pending] = (int)(Total - Done - Failed - Cancelled) - running.Count,
                [UnitStatus.Running] = running.Count,
                [UnitStatus.Done] = (int)Done,
                [UnitStatus.Failed] = (int)Failed,
                [UnitStatus.Cancelled] = (int)Cancelled,
            };
            return new ScanProgress(AccountId, Service, units.Where(u => u.Value > 0).ToDictionary(), counters, (int)Errors);
        }
    }
}
