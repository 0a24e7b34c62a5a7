using System.Data;
using System.Data.Common;
using Dapper;
using Npgsql;
using Qrie.Domain.Validation;

namespace Qrie.Sql.Database;

/// <summary>
/// A PostgreSQL server, which any number of processes use. All writes of a process use one connection, one after another, and each transaction that writes
/// holds an advisory lock of the schema, so that those of different processes run one after another, too. Readers see snapshots.
/// </summary>
public sealed class PostgresDatabase : SqlDatabase
{
    /// <summary>How often a transaction is tried that was certainly rolled back.</summary>
    private const int Attempts = 3;

    private const int Readers = 20;
    private const int PreparedStatements = 200;

    private readonly PostgresErrors _errors;
    private readonly NpgsqlConnectionStringBuilder _settings;
    private readonly NpgsqlDataSource _readers;
    private readonly NpgsqlDataSource _writers;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private NpgsqlConnection? _writer;

    static PostgresDatabase() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    private PostgresDatabase(NpgsqlConnectionStringBuilder settings)
    {
        _settings = settings;
        _errors = new PostgresErrors($"{settings.Database} at {settings.Host}:{settings.Port}");
        var options = $"{settings.Options} -c jit=off {OrganizationFence.Options}";
        _readers = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(settings.ToString())
        {
            Options = $"{options} -c default_transaction_read_only=on",
            MaxPoolSize = Math.Min(settings.MaxPoolSize, Readers),
            MaxAutoPrepare = PreparedStatements, // planning takes a third of the server's time of a list
        });
        _writers = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(settings.ToString())
        {
            Options = options,
            MaxPoolSize = 1,
            MaxAutoPrepare = PreparedStatements,
            AutoPrepareMinUsages = 2,
        });
    }

    public override string Dialect => "postgres";

    public override bool IsShared => true;

    /// <summary>Prepares access; the first use connects.</summary>
    /// <param name="connectionString">As for Npgsql; it must name the host and the database.</param>
    /// <exception cref="StoreUnavailableException">The connection string is invalid.</exception>
    public static PostgresDatabase Open(string? connectionString)
    {
        const string Example = "Store:ConnectionString must be like Host=db.example.com;Database=qrie;Username=qrie;Password=…";
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            if (string.IsNullOrEmpty(settings.Host) || string.IsNullOrEmpty(settings.Database))
            {
                throw new StoreUnavailableException($"{Example}: it does not name {(string.IsNullOrEmpty(settings.Host) ? "the host" : "the database")}.");
            }

            settings.ApplicationName ??= "qrie";
            settings.KeepAlive = settings.KeepAlive == 0 ? 30 : settings.KeepAlive;
            return new PostgresDatabase(settings);
        }
        catch (ArgumentException e)
        {
            throw new StoreUnavailableException($"{Example}: {e.Message}"); // without the string, which may contain a password
        }
    }

    // Lists and tables are JSON: one parameter of one type for any number of values.
    public override string Among(string column, string parameter) => $"{column} = ANY(ARRAY(SELECT json_array_elements_text({parameter}::json)))";

    public override string AmongNumbers(string column, string parameter) =>
        $"{column} = ANY(ARRAY(SELECT json_array_elements_text({parameter}::json)::bigint))";

    public override object List(IEnumerable<string> values) => Columns.Json(values.Select(PostgresRows.Clean));

    // OFFSET 0: with row-level security, a condition that contains ->>, which might leak values in its errors, is not looked up in an index; a column is.
    public override string Rows(string parameter, int columns) =>
        $"(SELECT {string.Join(", ", Enumerable.Range(0, columns).Select(i => $"value->>{i} AS c{i}"))} FROM json_array_elements({parameter}::json) OFFSET 0)";

    public override object Table(IEnumerable<string[]> rows) => Columns.Json(rows.Select(row => row.Select(PostgresRows.Clean)));

    public override string Position(string text, string sought) => $"strpos({text}, {sought})";

    public override string Unindexed => "";

    public override string JoinOne(string kind, string table, string alias, string on) =>
        $"{kind} LATERAL (SELECT * FROM {table} {alias} WHERE {on} LIMIT 1) {alias} ON true";

    // OFFSET 0 keeps the planner from making it a join again.
    internal override string ByArn(string columns, string table, string and) =>
        $"""
        SELECT {(columns == "*" ? "found.*" : columns)} FROM json_array_elements_text(@arns::json) AS k
        CROSS JOIN LATERAL (
            SELECT * FROM {table} WHERE organization = @organization AND account_service = @accountService AND arn = k.value{and} OFFSET 0) AS found
        """;

    internal override PreparedWrite Prepare(DbTransaction transaction, string sql, params ReadOnlySpan<string> names) =>
        new PostgresRows((NpgsqlTransaction)transaction, sql, names.ToArray());

    public override Task<string> VersionAsync(CancellationToken cancel) =>
        ReadAsync(async connection => (await connection.ExecuteScalarAsync<string>("SHOW server_version"))!.Split(' ')[0], cancel);

    public override Task<IReadOnlyList<string>> ListWarningsAsync(CancellationToken cancel) => ReadAsync(OrganizationFence.ListWarningsAsync, cancel);

    /// <summary>Null: asking the server would cost as much as most reads.</summary>
    public override long? DataVersion() => null;

    public override Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancel) =>
        ReadAsync(OrganizationFence.Everything, work, cancel);

    public override async Task<T> ReadAsync<T>(string organization, Func<DbConnection, Task<T>> work, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await _readers.OpenConnectionAsync(cancel);
                await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
                if (organization != OrganizationFence.Everything)
                {
                    await connection.ExecuteAsync($"SELECT {OrganizationFence.Enter}", new { organization });
                }

                return await work(connection);
            }
            catch (NpgsqlException e) when (PostgresErrors.IsWorthRetrying(e) && attempt < Attempts)
            {
                _readers.Clear(); // connections that a restarted server has closed
            }
            catch (NpgsqlException e) when (_errors.Describe(e) is { } described)
            {
                throw described;
            }
        }
    }

    public override Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken cancel) =>
        WriteAsync(OrganizationFence.Everything, work, cancel);

    public override async Task<T> WriteAsync<T>(string organization, Func<DbTransaction, Task<T>> work, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var committing = false;
                try
                {
                    return await TransactAsync(organization, work, () => committing = true);
                }
                catch (NpgsqlException e) when (!committing && attempt < Attempts && PostgresErrors.IsWorthRetrying(e))
                {
                    await ForgetWriterAsync();
                }
                catch (NpgsqlException e) when (committing && PostgresErrors.IsLostConnection(e))
                {
                    // The commit may have been done. Repeating it could count twice; the caller finds out what is stored.
                    await ForgetWriterAsync();
                    throw _errors.UnknownOutcome(e);
                }
                catch (NpgsqlException e) when (_errors.Describe(e) is { } described)
                {
                    await ForgetWriterAsync();
                    throw described;
                }
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Connections of their own, whose statements wait for no other writer and block none.</summary>
    /// <param name="commandTimeout">How long a statement may take, in seconds.</param>
    internal NpgsqlDataSource CreateSource(int connections, int commandTimeout) => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(_settings.ToString())
        {
            MaxPoolSize = connections,
            CommandTimeout = commandTimeout,
            Timeout = commandTimeout,
        });

    /// <summary>Converts errors of the server or the network.</summary>
    internal async Task<T> TranslateAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (NpgsqlException e) when (_errors.Describe(e) is { } described)
        {
            throw described;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync();
        await ForgetWriterAsync();
        await _writers.DisposeAsync();
        await _readers.DisposeAsync();
        _writing.Dispose();
    }

    private async Task<T> TransactAsync<T>(string organization, Func<DbTransaction, Task<T>> work, Action committing)
    {
        var connection = await WriterAsync();
        // Each statement sees what was committed before it; nothing else is written meanwhile, because of the lock.
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        try
        {
            await PostgresLocks.TakeForTransactionAsync(connection, organization);
            var result = await work(transaction);
            committing();
            await transaction.CommitAsync(CancellationToken.None);
            return result;
        }
        finally
        {
            try
            {
                await transaction.DisposeAsync(); // rolls back unless committed
            }
            catch (NpgsqlException)
            {
                await ForgetWriterAsync(); // the server rolls back what a lost connection began
            }
        }
    }

    /// <summary>The connection that writes.</summary>
    private async Task<NpgsqlConnection> WriterAsync()
    {
        if (_writer is { State: ConnectionState.Open })
        {
            return _writer;
        }

        await ForgetWriterAsync();
        var connection = await _writers.OpenConnectionAsync(CancellationToken.None);
        try
        {
            await PostgresLocks.LimitAsync(connection);
            return _writer = connection;
        }
        catch
        {
            await connection.DisposeAsync();
            _writers.Clear();
            throw;
        }
    }

    /// <summary>Closes the connection that writes, with everything it holds.</summary>
    private async Task ForgetWriterAsync()
    {
        if (_writer is { } writer)
        {
            _writer = null;
            await writer.DisposeAsync();
            _writers.Clear();
        }
    }
}
