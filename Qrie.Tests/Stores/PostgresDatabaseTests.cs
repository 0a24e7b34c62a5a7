using System.Data.Common;
using Dapper;
using Npgsql;
using Qrie.Domain.Validation;
using Qrie.Sql.Database;

namespace Qrie.Tests.Stores;

/// <summary>What only a server can do: refuse, disappear, be used by others.</summary>
public sealed class PostgresDatabaseTests : IAsyncLifetime
{
    private const string Insert = "INSERT INTO installation (name, value) VALUES ('setting.x', '1')";

    private string _connection = "";
    private PostgresDatabase _database = null!;

    public async ValueTask InitializeAsync()
    {
        _connection = await PostgresServer.CreateDatabaseAsync();
        _database = PostgresDatabase.Open(_connection);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Transactions_of_several_processes_run_one_after_another()
    {
        await using var beside = PostgresDatabase.Open(_connection);
        Task? other = null;
        await _database.WriteAsync(
            async transaction =>
            {
                await transaction.Connection!.ExecuteAsync(Insert, null, transaction);
                other = beside.WriteAsync(Execute("UPDATE installation SET value = value || '2' WHERE name = 'setting.x'"), default);
                // It waits for the lock of this transaction; without it, it would find no row.
                while (await transaction.Connection!.ExecuteScalarAsync<long>(
                    """
                    SELECT count(*) FROM pg_locks
                    WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                    """,
                    null, transaction) == 0)
                {
                    other.IsCompleted.ShouldBeFalse();
                }
            },
            default);
        await other!;

        (await ValueAsync()).ShouldBe("12");
    }

    [Fact]
    public async Task A_transaction_that_loses_its_connection_is_repeated_and_stored_once()
    {
        var attempts = 0;
        await _database.WriteAsync(
            async transaction =>
            {
                await transaction.Connection!.ExecuteAsync(Insert, null, transaction);
                if (++attempts == 1)
                {
                    await PostgresServer.ExecuteAsync(_connection, Terminate("state = 'idle in transaction'"));
                    await transaction.Connection!.ExecuteAsync("SELECT 1", null, transaction);
                }
            },
            default);

        attempts.ShouldBe(2);
        (await ValueAsync()).ShouldBe("1");
    }

    [Fact]
    public async Task A_transaction_that_was_stopped_too_long_is_ended_by_the_server_and_repeated()
    {
        var attempts = 0;
        await _database.WriteAsync(
            async transaction =>
            {
                await transaction.Connection!.ExecuteAsync(Insert, null, transaction);
                if (++attempts == 1)
                {
                    await transaction.Connection!.ExecuteAsync("SET LOCAL idle_in_transaction_session_timeout = '1ms'", null, transaction);
                    while (await Sessions("state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()") > 0)
                    {
                        await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, default);
                    }

                    await transaction.Connection!.ExecuteAsync("SELECT 1", null, transaction);
                }
            },
            default);

        attempts.ShouldBe(2);
        (await ValueAsync()).ShouldBe("1");
    }

    [Fact]
    public async Task A_commit_whose_outcome_is_unknown_is_not_repeated()
    {
        await PostgresServer.ExecuteAsync(
            _connection,
            """
            CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
            CREATE CONSTRAINT TRIGGER leaves AFTER INSERT ON installation DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION leave()
            """);
        var attempts = 0;

        (await Should.ThrowAsync<StoreUnavailableException>(() => _database.WriteAsync(
            transaction =>
            {
                attempts++;
                return transaction.Connection!.ExecuteAsync(Insert, null, transaction);
            },
            default))).Message.ShouldContain("not known whether the last write was stored");

        attempts.ShouldBe(1);
        await _database.WriteAsync(Execute("UPDATE installation SET value = value"), default); // the next one works
    }

    [Fact]
    public async Task Reads_survive_that_the_server_closed_their_connections()
    {
        await ValueAsync();
        await PostgresServer.ExecuteAsync(_connection, Terminate("TRUE"));

        (await ValueAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Readers_cannot_write() =>
        await Should.ThrowAsync<StoreUnavailableException>(() => _database.ReadAsync(connection => connection.ExecuteAsync(Insert), default));

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Database=x;Username=u;Password=hidden", "Check Store:ConnectionString, the server and the network.")]
    [InlineData("Host=127.0.0.1;Username=u;Password=hidden", "it does not name the database")]
    [InlineData("Database=x;Username=u;Password=hidden", "it does not name the host")]
    [InlineData("Host=127.0.0.1;Database=x;Pasword=hidden", "Store:ConnectionString must be like")]
    public async Task What_cannot_be_reached_is_refused_with_the_remedy_and_without_the_password(string connectionString, string remedy)
    {
        var refusal = await Should.ThrowAsync<StoreUnavailableException>(async () =>
        {
            await using var database = PostgresDatabase.Open(connectionString);
            await database.VersionAsync(default);
        });

        refusal.Message.ShouldContain(remedy);
        refusal.ToString().ShouldNotContain("hidden");
    }

    [Fact]
    public async Task A_missing_database_and_a_newer_schema_are_refused_with_the_remedy()
    {
        await using var missing = PostgresDatabase.Open(new NpgsqlConnectionStringBuilder(_connection) { Database = "missing" }.ToString());
        (await Should.ThrowAsync<StoreUnavailableException>(() => Migrator.MigrateAsync(missing, default))).Message.ShouldContain("Create the database");

        await _database.WriteAsync(Execute("UPDATE installation SET value = '999' WHERE name = 'schema_version'"), default);
        (await Should.ThrowAsync<StoreUnavailableException>(() => Migrator.MigrateAsync(_database, default))).Message.ShouldContain("schema 999");
    }

    [Fact]
    public async Task A_null_character_in_a_question_is_the_callers_error() =>
        await Should.ThrowAsync<InvalidInputException>(() => _database.ReadAsync(
            connection => connection.ExecuteScalarAsync<string>("SELECT value FROM installation WHERE name = @name", new { name = "a\0" }), default));

    [Fact]
    public async Task Rows_keep_odd_texts_as_far_as_the_server_can_hold_them()
    {
        await _database.WriteAsync(
            transaction => transaction.ExecuteRowsAsync(
                "INSERT INTO installation (name, value) VALUES (@Name, @Value)",
                [
                    new { Name = "setting.nul", Value = "a\0b" },
                    new { Name = "setting.half", Value = "a\ud83db" },
                    new { Name = "setting.pair", Value = "a👟b" },
                ]),
            default);

        (await _database.ReadAsync(
            connection => connection.QueryAsync<string>("SELECT value FROM installation WHERE name LIKE 'setting.%' ORDER BY name"), default))
            .ShouldBe(["a\uFFFDb", "a\uFFFDb", "a👟b"]);
    }

    /// <summary>Tables, columns and indexes: a migration of one dialect that the other lacks.</summary>
    [Fact]
    public async Task Both_dialects_have_the_same_schema()
    {
        using var file = new SqliteFile();
        await using (await file.OpenAsync())
        {
        }

        var expected = await file.QueryAsync(
            """
            SELECT t.name || '.' || c.name || CASE WHEN c."notnull" THEN '' ELSE '?' END || ' '
                   || replace(replace(c.type, 'INTEGER', 'BIGINT'), 'BLOB', 'BYTEA')
            FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND c.name <> 'seq'
            UNION ALL
            SELECT name || CASE WHEN sql LIKE 'CREATE UNIQUE%' THEN ' unique' ELSE '' END || CASE WHEN sql LIKE '% WHERE %' THEN ' partial' ELSE '' END
            FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
            """);
        var actual = await _database.ReadAsync(
            connection => connection.QueryAsync<string>(
                """
                SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'NO' THEN '' ELSE '?' END || ' ' || upper(data_type)
                FROM information_schema.columns WHERE table_schema = 'public' AND column_name <> 'seq'
                UNION ALL
                SELECT i.indexname || CASE WHEN i.indexdef LIKE 'CREATE UNIQUE%' THEN ' unique' ELSE '' END
                       || CASE WHEN i.indexdef LIKE '% WHERE %' THEN ' partial' ELSE '' END
                FROM pg_indexes i WHERE i.schemaname = 'public' AND i.indexname NOT LIKE '%\_pkey' AND i.indexname NOT LIKE '%\_key'
                """),
            default);

        actual.Order(StringComparer.Ordinal).ShouldBe(expected.Order(StringComparer.Ordinal));
        (await _database.ReadAsync(
            connection => connection.QueryAsync<string>(
                """
                SELECT table_name || '.' || column_name FROM information_schema.columns
                WHERE table_schema = 'public' AND table_name <> 'installation' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'
                """),
            default)).ShouldBeEmpty();
    }

    private static Func<DbTransaction, Task> Execute(string sql) => transaction => transaction.Connection!.ExecuteAsync(sql, null, transaction);

    private Task<long> Sessions(string which) => _database.ReadAsync(
        connection => connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {which}"), default);

    private static string Terminate(string which) =>
        $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND {which}";

    private Task<string?> ValueAsync() =>
        _database.ReadAsync(connection => connection.ExecuteScalarAsync<string?>("SELECT value FROM installation WHERE name = 'setting.x'"), default);
}
