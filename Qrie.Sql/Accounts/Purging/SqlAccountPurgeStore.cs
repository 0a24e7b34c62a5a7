using Dapper;
using Qrie.Domain.Accounts.Purging;
using Qrie.Sql.Database;

namespace Qrie.Sql.Accounts.Purging;

public sealed class SqlAccountPurgeStore(SqlDatabase database) : IAccountPurgeStore
{
    public Task<bool> BeginAsync(string organization, string accountId, DateTimeOffset now, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            async transaction => await transaction.Connection!.ExecuteScalarAsync<long>(
                """
                INSERT INTO account_purges (organization, account_id, requested_at, step, deleted, checking, checked)
                SELECT organization, account_id, @now, 0, @none, 0, 0 FROM accounts WHERE organization = @organization AND account_id = @accountId
                ON CONFLICT (organization, account_id) DO NOTHING;

                SELECT count(*) FROM account_purges WHERE organization = @organization AND account_id = @accountId
                """,
                new { organization, accountId, now = Columns.Ms(now), none = "{}" }, transaction) > 0,
            cancel);

    public Task<AccountPurge?> FindAsync(string organization, string accountId, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => (await connection.QueryFirstOrDefaultAsync<Row>(
                "SELECT * FROM account_purges WHERE organization = @organization AND account_id = @accountId", new { organization, accountId }))?.ToPurge(),
            cancel);

    public Task<IReadOnlySet<string>> ListIdsAsync(string organization, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlySet<string>>(
            organization,
            async connection => (await connection.QueryAsync<string>(
                "SELECT account_id FROM account_purges WHERE organization = @organization", new { organization })).ToHashSet(),
            cancel);

    public Task<IReadOnlyList<AccountPurge>> ListOpenAsync(DateTimeOffset endedBefore, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<AccountPurge>>(
            async connection =>
            [
                .. (await connection.QueryAsync<Row>(
                    "SELECT * FROM account_purges WHERE checked = 0 AND (finished_at IS NULL OR finished_at <= @before) ORDER BY requested_at, account_id",
                    new { before = Columns.Ms(endedBefore) })).Select(row => row.ToPurge()),
            ],
            cancel);

    public Task<bool> DeleteNextAsync(string organization, string accountId, int rows, DateTimeOffset now, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            async transaction =>
            {
                var key = new { organization, accountId };
                const string Here = "organization = @organization AND account_id = @accountId";
                var row = await transaction.Connection!.QueryFirstOrDefaultAsync<Row>(
                    $"SELECT * FROM account_purges WHERE {Here}", key, transaction);
                if (row is null || row.Step >= PurgeSteps.All.Count)
                {
                    return false; // it was registered again, or another process completed it
                }

                var deleted = Columns.FromJson<Dictionary<string, long>>(row.Deleted);
                var (table, runAsync) = PurgeSteps.All[(int)row.Step];
                var n = await runAsync(transaction, new PurgeKey(organization, accountId, rows));
                deleted[table] = deleted.GetValueOrDefault(table) + n;
                var step = row.Step + (n == 0 ? 1 : 0);
                var ended = step == PurgeSteps.All.Count;
                await transaction.Connection!.ExecuteAsync(
                    $"""
                    UPDATE account_purges SET step = @step, deleted = @deleted, checked = CASE WHEN @ended THEN checking ELSE 0 END,
                                              finished_at = CASE WHEN @ended THEN coalesce(finished_at, @now) ELSE finished_at END
                    WHERE {Here}
                    """,
                    new { organization, accountId, step, deleted = Columns.Json(deleted), ended, now = Columns.Ms(now) }, transaction);
                return !ended;
            },
            cancel);

    public Task CheckAgainAsync(string organization, string accountId, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            transaction => transaction.Connection!.ExecuteAsync(
                "UPDATE account_purges SET step = 0, checking = 1 WHERE organization = @organization AND account_id = @accountId AND finished_at IS NOT NULL",
                new { organization, accountId }, transaction),
            cancel);

    private sealed class Row
    {
        public string Organization { get; set; } = "";
        public string AccountId { get; set; } = "";
        public long RequestedAt { get; set; }
        public long Step { get; set; }
        public string Deleted { get; set; } = "";
        public long? FinishedAt { get; set; }
        public long Checked { get; set; }

        public AccountPurge ToPurge() => new(
            Organization, AccountId, Columns.Time(RequestedAt), Columns.Time(FinishedAt),
            new SortedDictionary<string, long>(Columns.FromJson<Dictionary<string, long>>(Deleted).Where(d => d.Value > 0).ToDictionary()), Checked != 0);
    }
}
