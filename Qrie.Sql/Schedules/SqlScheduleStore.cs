using Dapper;
using Qrie.Domain.Scans;
using Qrie.Domain.Schedules;
using Qrie.Sql.Database;

namespace Qrie.Sql.Schedules;

public sealed class SqlScheduleStore(SqlDatabase database) : IScheduleStore
{
    public Task<IReadOnlyList<StoredSchedule>> ListAsync(CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<StoredSchedule>>(
            async connection =>
            [
                .. (await connection.QueryAsync<(string Organization, string Kind, string? Cron, long Chosen, long Since)>(
                    "SELECT organization, kind, cron, chosen, since FROM schedules ORDER BY organization, kind"))
                    .Select(s => new StoredSchedule(s.Organization, Columns.Parse<ScanKind>(s.Kind), s.Cron, s.Chosen != 0, Columns.Time(s.Since))),
            ],
            cancel);

    public Task SaveAsync(StoredSchedule schedule, CancellationToken cancel) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                """
                INSERT INTO schedules (organization, kind, cron, chosen, since) VALUES (@Organization, @kind, @Cron, @chosen, @since)
                ON CONFLICT (organization, kind) DO UPDATE SET cron = excluded.cron, chosen = excluded.chosen, since = excluded.since
                """,
                new
                {
                    schedule.Organization,
                    kind = Columns.Name(schedule.Kind),
                    schedule.Cron,
                    chosen = schedule.Chosen ? 1 : 0,
                    since = Columns.Ms(schedule.Since),
                }, transaction),
            cancel);
}
