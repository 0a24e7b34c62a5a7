using System.Data.Common;
using Dapper;
using Npgsql;
using Qrie.Sql.Database;

namespace Qrie.Tests.Stores;

public sealed class ManyRowInsertTests
{
    private const string Count = "INSERT INTO counts (k, n) VALUES (@k, @n) ON CONFLICT (k) DO UPDATE SET n = counts.n + excluded.n";

    [Fact]
    public void An_insert_of_one_row_becomes_one_of_many() =>
        ManyRowInsert.Of("INSERT INTO t (a, b, c)\nVALUES (@first, 'x', @Second)", ["first", "second"])!.Text(["bigint", "text"])
            .ShouldBe("INSERT INTO t (a, b, c) SELECT r.p0, 'x', r.p1 FROM unnest($1::bigint[], $2::text[]) AS r(p0, p1) ");

    [Fact]
    public void A_value_that_is_always_null_is_not_sent() =>
        ManyRowInsert.Of("INSERT INTO t (a, b, c) VALUES (@a, @b, @c)", ["a", "b", "c"])!.Text(["text", null, "text"])
            .ShouldBe("INSERT INTO t (a, b, c) SELECT r.p0, NULL, r.p2 FROM unnest($1::text[], $2::text[]) AS r(p0, p2) ");

    [Theory]
    [InlineData("UPDATE t SET a = @a")]
    [InlineData("DELETE FROM t WHERE a = @a")]
    [InlineData("INSERT INTO t (a) VALUES (coalesce(@a, 1))")]
    [InlineData("INSERT INTO t (a) VALUES (@a) ON CONFLICT (a) DO UPDATE SET a = @a")]
    [InlineData("INSERT INTO t (a) VALUES (@a) RETURNING a")]
    public void Other_statements_stay_as_they_are(string sql) => ManyRowInsert.Of(sql, ["a"]).ShouldBeNull();

    [Theory]
    [InlineData("INSERT INTO t (a, b) VALUES (@a, @b) ON CONFLICT (b, a) DO UPDATE SET b = excluded.b", new[] { 1, 0 })]
    [InlineData("INSERT INTO t (a, b) VALUES (@a, '') ON CONFLICT (b, a) DO UPDATE SET a = excluded.a", new[] { 0 })]
    [InlineData("INSERT INTO t (a, b) VALUES (@a, @b) ON CONFLICT DO NOTHING", null)]
    public void What_a_row_replaces_is_known(string sql, int[]? key) => ManyRowInsert.Of(sql, ["a", "b"])!.Key.ShouldBe(key);

    [Fact]
    public async Task Rows_with_the_same_key_follow_one_another()
    {
        var rows = Enumerable.Range(0, 1203).Select(i => new { k = $"k{i % 401}", n = (long)i }).ToList();

        var stored = await WrittenAsync(Count, rows);

        stored.Count.ShouldBe(401);
        stored["k0"].ShouldBe(0 + 401 + 802);
        stored["k400"].ShouldBe(400 + 801 + 1202);
    }

    [Fact]
    public async Task Nulls_and_odd_texts_are_written_as_they_are()
    {
        var stored = await WrittenAsync(
            "INSERT INTO counts (k, n) VALUES (@k, @n)",
            [
                new { k = "{\"a\",NULL}", n = (long?)null }, new { k = "NULL", n = (long?)1 }, new { k = "", n = (long?)2 },
                new { k = "\\ ' \" é", n = (long?)3 },
            ]);

        stored.ShouldBe(new Dictionary<string, long?> { ["{\"a\",NULL}"] = null, ["NULL"] = 1, [""] = 2, ["\\ ' \" é"] = 3 }, ignoreOrder: true);
    }

    [Fact]
    public async Task A_column_that_is_null_in_all_rows_is_null() =>
        (await WrittenAsync("INSERT INTO counts (k, n) VALUES (@k, @n)", [new { k = "a", n = (long?)null }, new { k = "b", n = (long?)null }]))
            .ShouldBe(new Dictionary<string, long?> { ["a"] = null, ["b"] = null }, ignoreOrder: true);

    [Fact]
    public async Task Large_rows_do_not_wait_for_many()
    {
        await using var database = PostgresDatabase.Open(await PostgresServer.CreateDatabaseAsync());
        await database.WriteAsync(
            async transaction =>
            {
                await transaction.Connection!.ExecuteAsync("CREATE TEMPORARY TABLE large (k text) ON COMMIT DROP", null, transaction);
                using var rows = new PostgresRows((NpgsqlTransaction)transaction, "INSERT INTO large (k) VALUES (@k)", ["k"]);
                for (var i = 0; i < 50; i++)
                {
                    await rows.ExecuteAsync(new string('x', 400_000));
                }

                rows.Written.ShouldBeInRange(40, 49); // 8 MB are sent at once
            },
            default);
    }

    private static async Task<Dictionary<string, long?>> WrittenAsync<T>(string sql, List<T> rows)
        where T : notnull
    {
        await using var database = PostgresDatabase.Open(await PostgresServer.CreateDatabaseAsync());
        return await database.WriteAsync(
            async transaction =>
            {
                await transaction.Connection!.ExecuteAsync("CREATE TEMPORARY TABLE counts (k text PRIMARY KEY, n integer) ON COMMIT DROP", null, transaction);
                (await transaction.ExecuteRowsAsync(sql, rows)).ShouldBe(rows.Count);
                return await StoredAsync(transaction);
            },
            default);
    }

    private static async Task<Dictionary<string, long?>> StoredAsync(DbTransaction transaction)
    {
        var stored = new Dictionary<string, long?>();
        await using var command = transaction.Connection!.CreateCommand();
        command.CommandText = "SELECT k, n::bigint FROM counts";
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            stored[reader.GetString(0)] = await reader.IsDBNullAsync(1) ? null : reader.GetInt64(1);
        }

        return stored;
    }
}
