using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Qrie.Sql;
using Qrie.Sql.Database;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Stores;

/// <summary>
/// One PostgreSQL server per test run, on a free port of loopback, started on first use and stopped with the run. Databases are made from a migrated template
/// and used again: deleting the few rows of a test is faster than creating a database.
/// </summary>
public static class PostgresServer
{
    private const string Template = "qrie_template";

    /// <summary>Tests read all rows with SQL of their own; <see cref="PostgresDatabase"/> sets the same.</summary>
    private const string AllOrganizations = "Options=-c qrie.organization=*";

    private const string Role = "qrie_service";

    private static readonly Lazy<Task<int>> _started = new(StartAsync);
    private static readonly ConcurrentBag<PostgresDatabase> _idle = [];
    private static int _created;

    /// <summary>An empty store for contract suites.</summary>
    public static async Task<StoreSet> EmptyAsync()
    {
        SkipIfMissing();
        if (!_idle.TryTake(out var database))
        {
            database = PostgresDatabase.Open(await CreateDatabaseAsync());
        }

        // The container disposes what it made: not this one.
        return await StoreSets.PrepareAsync(
            new ServiceCollection().AddSqlStores(_ => throw new InvalidOperationException()).AddSingleton<SqlDatabase>(database).BuildServiceProvider(),
            async () =>
            {
                await ClearAsync(database);
                _idle.Add(database);
            });
    }

    /// <summary>A database of its own with this version's schema.</summary>
    public static async Task<string> CreateDatabaseAsync()
    {
        SkipIfMissing();
        var name = string.Create(CultureInfo.InvariantCulture, $"qrie_{Interlocked.Increment(ref _created)}");
        await ExecuteAsync(Administrator(await _started.Value), $"CREATE DATABASE {name} OWNER {Role} TEMPLATE {Template}");
        return Service(await _started.Value, name);
    }

    /// <summary>An empty database.</summary>
    public static async Task<string> CreateEmptyDatabaseAsync()
    {
        SkipIfMissing();
        var name = string.Create(CultureInfo.InvariantCulture, $"qrie_{Interlocked.Increment(ref _created)}");
        await ExecuteAsync(Administrator(await _started.Value), $"CREATE DATABASE {name} OWNER {Role}");
        return Service(await _started.Value, name);
    }

    /// <summary>Runs SQL on a connection of its own.</summary>
    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        await connection.ExecuteAsync(sql);
    }

    private static void SkipIfMissing()
    {
        if (Requirements.MissingProgram("initdb", "postgres") is { } missing)
        {
            Assert.Skip(missing);
        }
    }

    private static Task<int> ClearAsync(PostgresDatabase database) => database.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            """
            DO $$
            DECLARE t text;
            BEGIN
                FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'installation'
                                                        AND pg_relation_size(oid) > 0 LOOP
                    EXECUTE (CASE WHEN pg_relation_size(t::regclass) > 65536 THEN 'TRUNCATE ' ELSE 'DELETE FROM ' END) || t;
                END LOOP;
                DELETE FROM installation WHERE name <> 'schema_version';
            END $$
            """,
            null, transaction),
        CancellationToken.None);

    private static string Administrator(int port) => string.Create(
        CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Username=qrie;Database=postgres");

    private static string Service(int port, string database) => string.Create(
        CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Username={Role};Database={database};{AllOrganizations}");

    /// <summary>Returns the port.</summary>
    private static async Task<int> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("qrie-postgres-");
        var port = MotoServer.FreePort();

        // The server refuses to run as root. When this process ends for any reason, the pipe closes, cat exits, and the server with it.
        var script =
            $$"""
            set -e; cd {{folder.FullName}}
            as() { exec "$@"; }
            if [ "$(id -u)" = 0 ]; then
                chown postgres .; chmod go+x ..
                as() { exec setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
            fi
            (as initdb -D data -A trust -U qrie -E UTF8 --locale=C --no-sync >log)
            as postgres -D data -p {{port}} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off \
                -c synchronous_commit=off -c shared_buffers=32MB -c max_connections=200 -c autovacuum=off >>log 2>&1 &
            server=$!; cat >/dev/null; kill -INT $server
            """;
        var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardInput = true })!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => process.StandardInput.Dispose();

        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(60) && !process.HasExited;)
        {
            try
            {
                // The role and a database as the shipped script makes them.
                foreach (var statement in await RoleScriptAsync())
                {
                    await ExecuteAsync(Administrator(port), statement);
                }

                await ExecuteAsync(Administrator(port), $"CREATE DATABASE {Template} OWNER {Role}");
                await using var template = PostgresDatabase.Open(Service(port, Template));
                await Migrator.MigrateAsync(template, CancellationToken.None);
                return port;
            }
            catch (Exception e) when (e is NpgsqlException { InnerException: not null } or PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow })
            {
                await Task.Delay(50);
            }
        }

        var log = Path.Combine(folder.FullName, "log");
        throw new InvalidOperationException($"PostgreSQL did not start: {(File.Exists(log) ? await File.ReadAllTextAsync(log) : "no log")}");
    }

    private static async Task<IEnumerable<string>> RoleScriptAsync()
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "deploy", "postgres-role.sql"));
        return string.Join('\n', lines.Where(line => !line.StartsWith("--", StringComparison.Ordinal)))
            .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
