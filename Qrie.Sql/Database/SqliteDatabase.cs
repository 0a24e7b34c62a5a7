using System.Data;
using System.Data.Common;
using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;
using Qrie.Domain;
using Qrie.Domain.Validation;

namespace Qrie.Sql.Database;

/// <summary>
/// The embedded store: one file in WAL mode, one writer, any number of readers on snapshots. The process holds a lock next to the file, so that a second
/// service is refused.
/// </summary>
public sealed class SqliteDatabase : SqlDatabase
{
    private const string LockSuffix = ".lock";

    /// <summary>How long another process may hold the file before a write fails.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    private readonly string _connectionString;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly FileStream? _processLock;
    private readonly SqliteConnection _writer;
    private readonly bool _durable;
    private bool _waitsForDisk = true;
    private readonly Lock _watching = new();
    private readonly SqliteConnection _watch;
    private readonly SqliteCommand _dataVersion;

    static SqliteDatabase()
    {
        SQLitePCL.Batteries_V2.Init();
        Configure();
        DefaultTypeMap.MatchNamesWithUnderscores = true;
    }

    private SqliteDatabase(string path, FileStream? processLock, TimeSpan busyTimeout, bool durable)
    {
        _processLock = processLock;
        _durable = durable;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = true, DefaultTimeout = (int)busyTimeout.TotalSeconds }.ToString();
        _writer = new SqliteConnection(_connectionString);
        _watch = new SqliteConnection(_connectionString);
        _dataVersion = new SqliteCommand("PRAGMA data_version", _watch); // changes with every commit of another connection, in this process or another
    }

    public override string Dialect => "sqlite";

    public override bool IsShared => false;

    public override string Among(string column, string parameter) => $"{column} IN (SELECT value FROM json_each({parameter}))";

    public override string AmongNumbers(string column, string parameter) => Among(column, parameter);

    public override string Position(string text, string sought) => $"instr({text}, {sought})";

    public override string Unindexed => "+";

    public override object List(IEnumerable<string> values) => Columns.Json(values);

    public override string Rows(string parameter, int columns) =>
        $"(SELECT {string.Join(", ", Enumerable.Range(0, columns).Select(i => $"json_extract(value, '$[{i}]') AS c{i}"))} FROM json_each({parameter}))";

    public override object Table(IEnumerable<string[]> rows) => Columns.Json(rows);

    internal override PreparedWrite Prepare(DbTransaction transaction, string sql, params ReadOnlySpan<string> names) =>
        new SqlitePreparedWrite(((SqliteConnection)transaction.Connection!).Handle!, sql, names);

    /// <summary>Opens the file, or creates it with its folder.</summary>
    /// <param name="path">The file.</param>
    /// <param name="busyTimeout">How long another program may hold it before a write fails, in whole seconds; null for 30 seconds.</param>
    /// <param name="durable">
    /// Whether commits wait for the disk. Without that, they survive the end of the process but not of the machine: for stores that can be made again.
    /// </param>
    /// <exception cref="StoreUnavailableException">It cannot be opened, is not a database, or another process has it open.</exception>
    public static SqliteDatabase Open(string path, TimeSpan? busyTimeout = null, bool durable = true)
    {
        var full = Path.GetFullPath(path);
        FileStream processLock;
        try
        {
            PrivateFiles.MakeFolder(Path.GetDirectoryName(full)!);
            processLock = new FileStream(full + LockSuffix, PrivateFiles.Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException(
                $"The store {full} cannot be opened: {e.Message} If another Qrie uses it, stop that one or give this one another Store:Path; "
                + "if the folder is not writable, make it writable.", e);
        }

        return Open(full, processLock, busyTimeout ?? TimeLimit, durable);
    }

    /// <summary>
    /// Opens a file that another process may have open, for a few short transactions, which SQLite isolates. Not for a second service, which relies on being
    /// alone.
    /// </summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened, or is not a database.</exception>
    public static SqliteDatabase OpenBeside(string path) => Open(Path.GetFullPath(path), null, TimeLimit, durable: true);

    /// <summary>The files of a store, whether they are there or not: the database, its log and the log's index, a journal, the lock.</summary>
    public static IReadOnlyList<string> FilesOf(string path) => [path, $"{path}-wal", $"{path}-shm", $"{path}-journal", path + LockSuffix];

    internal static string LockOf(string path) => path + LockSuffix;

    /// <summary>The store holds findings and hashes of keys: only the user of the process may read it. SQLite gives its log the mode of the database.</summary>
    private static void Protect(string full)
    {
        if (!File.Exists(full))
        {
            // Never on a file that is open: closing it would let go of the locks that SQLite holds on it.
            new FileStream(full, PrivateFiles.Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite)).Dispose();
        }

        foreach (var file in FilesOf(full))
        {
            PrivateFiles.Protect(file);
        }
    }

    private static SqliteDatabase Open(string full, FileStream? processLock, TimeSpan wait, bool durable)
    {
        var database = new SqliteDatabase(full, processLock, wait, durable);
        try
        {
            Protect(full);
            database._writer.Open();
            database._watch.Open();
            // synchronous = FULL: a commit is on the disk when it returns. An SQS message is deleted only after its commit.
            // secure_delete: deleted data is overwritten, which is the default of distributions but not of the package, so that purged accounts are gone from
            // the file.
            // 64 MB of cache, and a WAL of 64 MB before a checkpoint: a scan writes the same index pages repeatedly.
            database._writer.Execute(string.Create(
                CultureInfo.InvariantCulture,
                $"""
                PRAGMA busy_timeout = {wait.TotalMilliseconds}; PRAGMA journal_mode = WAL; PRAGMA synchronous = {(durable ? "FULL" : "OFF")};
                PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16384;
                """));
            return database;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            database._writer.Dispose();
            database._dataVersion.Dispose();
            database._watch.Dispose();
            SqliteConnection.ClearPool(database._writer); // otherwise the next open would get this pooled handle, even if the file was replaced
            processLock?.Dispose();
            var remedy = e is SqliteException sqlite
                ? Remedy(sqlite.SqliteErrorCode) ?? Damaged
                : "Make the folder writable, or set Store:Path to another one.";
            throw new StoreUnavailableException($"The store {full} cannot be opened: {e.Message} {remedy}", e);
        }
    }

    public override Task<string> VersionAsync(CancellationToken cancel) =>
        ReadAsync(async connection => (await connection.ExecuteScalarAsync<string>("SELECT sqlite_version()"))!, cancel);

    public override long? DataVersion()
    {
        try
        {
            lock (_watching)
            {
                return (long)_dataVersion.ExecuteScalar()!; // microseconds: it reads memory shared by the connections
            }
        }
        catch (SqliteException)
        {
            return null; // subsequent reads report the reason
        }
    }

    public override Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancel) =>
        // SQLite's calls block; they must not block the caller's thread.
        Task.Run(() => GuardAsync(async () =>
        {
            await using var connection = new SqliteConnection(_connectionString);
            await connection.OpenAsync(cancel);
            var snapshot = connection.BeginTransaction(IsolationLevel.Serializable, deferred: true);
            try
            {
                return await work(connection);
            }
            finally
            {
                End(connection, snapshot);
            }
        }), cancel);

    public override Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken cancel) => WriteAsync(work, isProgress: false, cancel);

    public override Task<T> WriteProgressAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken cancel) => WriteAsync(work, isProgress: true, cancel);

    public override Task<T> WriteProgressAsync<T>(string organization, Func<DbTransaction, Task<T>> work, CancellationToken cancel) =>
        WriteProgressAsync(work, cancel);

    private async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, bool isProgress, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            return await Task.Run(() => GuardAsync(async () =>
            {
                WaitForDisk(!isProgress);
                var transaction = _writer.BeginTransaction(IsolationLevel.Serializable, deferred: false);
                try
                {
                    var result = await work(transaction);
                    await transaction.CommitAsync(CancellationToken.None);
                    return result;
                }
                finally
                {
                    End(_writer, transaction);
                }
            }), CancellationToken.None);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>For the next transactions of the writer, if the store waits for the disk at all.</summary>
    private void WaitForDisk(bool wait)
    {
        if (_durable && wait != _waitsForDisk)
        {
            _writer.Execute($"PRAGMA synchronous = {(wait ? "FULL" : "NORMAL")}");
            _waitsForDisk = wait;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync();
        await _writer.DisposeAsync();
        lock (_watching)
        {
            _dataVersion.Dispose();
            _watch.Dispose();
        }

        SqliteConnection.ClearPool(new SqliteConnection(_connectionString));
        if (_processLock is not null)
        {
            await _processLock.DisposeAsync();
        }

        _writing.Dispose();
    }

    /// <summary>
    /// Rolls back an uncommitted transaction. When the disk refuses a commit, SQLite rolls back by itself, which the driver does not notice: its own rollback
    /// fails and the connection would be stuck in a transaction that no longer exists. So a transaction is started for it to roll back.
    /// </summary>
    private static void End(SqliteConnection connection, SqliteTransaction transaction)
    {
        try
        {
            transaction.Dispose();
        }
        catch (SqliteException) when (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) != 0)
        {
            connection.Execute("BEGIN", transaction: transaction, commandType: CommandType.Text); // a single word would be treated as a procedure
            transaction.Dispose();
        }
    }

    /// <summary>Converts errors of the disk or the file to one exception; errors in our own SQL are left as they are.</summary>
    private static async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (SqliteException e) when (Remedy(e.SqliteErrorCode) is { } remedy)
        {
            throw new StoreUnavailableException($"The store is unavailable: {e.Message} {remedy}", e);
        }
    }

    private const string Damaged = "The file is damaged or not a database; restore a backup. Move the file away to start with an empty store.";

    /// <summary>https://www.sqlite.org/rescode.html</summary>
    private static string? Remedy(int code) => code switch
    {
        5 or 6 => "Another program holds the file; close it.",
        8 => "Make the file and its folder writable.",
        10 => "Reading or writing the disk failed; check whether it is full, read-only or broken.",
        11 or 26 => Damaged,
        13 => "The disk is full; free some space.",
        14 => "The file cannot be opened; check the folder and its permissions.",
        _ => null,
    };

    /// <summary>
    /// The library counts all memory under one lock, on which concurrent readers spend most of their time. The locks of connections stay: the runtime may
    /// finalize a forgotten statement while another thread uses the connection. https://www.sqlite.org/c3ref/c_config_covering_index_scan.html
    /// </summary>
    private static void Configure()
    {
        const int MemoryStatus = 9;
        SQLitePCL.raw.sqlite3_shutdown();
        if (SQLitePCL.raw.sqlite3_config(MemoryStatus, 0) != 0)
        {
            throw new InvalidOperationException("The SQLite library cannot be configured.");
        }

        SQLitePCL.raw.sqlite3_initialize();
    }
}
