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
                .. (await connection.QueryAsync<(string Organization, string Kind, string? Cron, long Chosen, long Since, string? Level)>(
                    "SELECT organization, kind, cron, chosen, since, level FROM schedules ORDER BY organization, kind"))
                    .Select(s => new StoredSchedule(
                        s.Organization, Columns.Parse<ScanKind>(s.Kind), s.Cron, s.Chosen != 0, Columns.Time(s.Since),
                        Columns.ParseOrNull<ScanLevel>(s.Level))),
            ],
            cancel);

    public Task SaveAsync(StoredSchedule schedule, CancellationToken cancel) => SaveAsync(schedule, "", cancel);

    public Task SaveConfiguredAsync(StoredSchedule schedule, CancellationToken cancel) => SaveAsync(schedule, "WHERE schedules.chosen = 0", cancel);

    private Task<int> SaveAsync(StoredSchedule schedule, string unless, CancellationToken cancel) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                $"""
                INSERT INTO schedules (organization, kind, cron, chosen, since, level) VALUES (@Organization, @kind, @Cron, @chosen, @since, @level)
                ON CONFLICT (organization, kind) DO UPDATE SET cron = excluded.cron, chosen = excluded.chosen, since = excluded.since, level = excluded.level
                {unless}
                """,
                new
                {
                    schedule.Organization,
                    kind = Columns.Name(schedule.Kind),
                    schedule.Cron,
                    chosen = schedule.Chosen ? 1 : 0,
                    since = Columns.Ms(schedule.Since),
                    level = schedule.Level is { } level ? Columns.Name(level) : null,
                }, transaction),
            cancel);
}
