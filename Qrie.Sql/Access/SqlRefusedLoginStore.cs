using System.Globalization;
using Qrie.Domain.Access;
using Qrie.Sql.Database;

namespace Qrie.Sql.Access;

public sealed class SqlRefusedLoginStore(SqlDatabase database) : IRefusedLoginStore
{
    public Task AddAsync(IReadOnlyList<RefusedLoginCount> counts, CancellationToken cancel) =>
        database.WriteAsync(
            transaction => transaction.ExecuteRowsAsync(
                """
                INSERT INTO refused_logins (day, reason, n) VALUES (@day, @reason, @N)
                ON CONFLICT (day, reason) DO UPDATE SET n = refused_logins.n + excluded.n
                """,
                counts.Select(c => new { day = Columns.Day(c.Day), reason = Columns.Name(c.Reason), c.N }).ToList()),
            cancel);

    public Task<IReadOnlyList<RefusedLoginCount>> ListAsync(DateOnly since, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<RefusedLoginCount>>(
            async connection =>
            [
                .. (await connection.QueryAsync<(string Day, string Reason, long N)>(
                    "SELECT day, reason, n FROM refused_logins WHERE day >= @since ORDER BY day, reason", new { since = Columns.Day(since) }))
                    .Select(c => new RefusedLoginCount(
                        DateOnly.ParseExact(c.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture), Columns.Parse<KeyRefusal>(c.Reason), c.N)),
            ],
            cancel);
}
