using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Sql;
using Qrie.Sql.Database;

namespace Qrie.Tests.Stores;

/// <summary>A SQLite file in its own folder, both deleted on disposal.</summary>
public sealed class SqliteFile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qrie-test-").FullName;

    public string Path => System.IO.Path.Combine(_folder, "qrie.db");

    /// <summary>Opens the file with the registrations of the host.</summary>
    public Task<StoreSet> OpenAsync(bool deleteAfter = false, TimeSpan? busyTimeout = null) => StoreSets.PrepareAsync(
        new ServiceCollection().AddSqlStores(_ => SqliteDatabase.Open(Path, busyTimeout, durable: false)).BuildServiceProvider(),
        () =>
        {
            if (deleteAfter)
            {
                Dispose();
            }

            return ValueTask.CompletedTask;
        });

    /// <summary>Runs SQL directly on the file.</summary>
    public async Task ExecuteAsync(string sql, object? parameters = null)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        await connection.ExecuteAsync(sql, parameters);
    }

    public async Task<IEnumerable<string>> QueryAsync(string sql)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        return await connection.QueryAsync<string>(sql);
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>An empty store for contract suites, deleted on disposal.</summary>
    public static Task<StoreSet> EmptyAsync() => new SqliteFile().OpenAsync(deleteAfter: true);
}
