using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Dapper;
using Qrie.Domain.Transfer;
using Qrie.Sql.Compliance;
using Qrie.Sql.Database;

namespace Qrie.Sql.Transfer;

/// <summary>The rows of an export in an SQLite file of the folder for temporary files.</summary>
public sealed class SqlTransferBuffer : ITransferBuffer
{
    /// <summary>How many rows a reader may be behind.</summary>
    private const int Ahead = 200;

    private readonly string _folder;
    private readonly SqliteDatabase _database;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, (TransferTable Table, IReadOnlyList<string> Key)> _tables = new(StringComparer.Ordinal);

    private SqlTransferBuffer(string folder, SqliteDatabase database, TimeProvider clock) => (_folder, _database, _clock) = (folder, database, clock);

    /// <summary>Makes an empty one.</summary>
    public static async Task<ITransferBuffer> OpenAsync(TimeProvider clock, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("qrie-transfer-").FullName; // 0700
        var buffer = new SqlTransferBuffer(folder, SqliteDatabase.Open(Path.Combine(folder, "rows.db"), durable: false), clock);
        try
        {
            await Migrator.MigrateAsync(buffer._database, cancel);
            await buffer.DescribeAsync(cancel);
            return buffer;
        }
        catch
        {
            await buffer.DisposeAsync();
            throw;
        }
    }

    public void CheckFolder(string folder) => StoreExport.CheckFolder(folder);

    public Task AddAsync(IReadOnlyList<TransferRow> rows, CancellationToken cancel) => _database.WriteAsync(
        async transaction =>
        {
            foreach (var group in rows.GroupBy(row => (row.Table, row.Sums)))
            {
                cancel.ThrowIfCancellationRequested();
                var (table, key) = _tables[group.Key.Table];
                var names = table.Columns.Select(c => c.Name).ToArray();
                using var statement = _database.Prepare(transaction, Insert(table, key, names, group.Key.Sums), names);
                foreach (var row in group)
                {
                    await statement.ExecuteAsync([.. names.Select(name => row[name])]);
                }

                await statement.FlushAsync();
            }
        },
        cancel);

    public async Task<TransferManifest> ExportAsync(string folder, string store, Func<long, Task> progress, CancellationToken cancel)
    {
        await _database.WriteAsync(DeriveAsync, cancel);
        return await new StoreExport(_database, _clock, store: store).RunAsync(folder, progress, cancel);
    }

    public Task ImportAsync(string folder, TransferManifest manifest, CancellationToken cancel) =>
        new StoreImport(_database).RunAsync(
            folder, manifest,
            _ =>
            {
                cancel.ThrowIfCancellationRequested();
                return Task.CompletedTask;
            },
            cancel);

    public async IAsyncEnumerable<TransferRow> ReadAsync(
        string table, IReadOnlyList<string> orderBy, [EnumeratorCancellation] CancellationToken cancel)
    {
        var rows = Channel.CreateBounded<TransferRow>(Ahead);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reading = FillAsync(rows.Writer, _tables[table].Table, orderBy, stop.Token);
        try
        {
            await foreach (var row in rows.Reader.ReadAllAsync(cancel))
            {
                yield return row;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Its errors are those of the reader of the channel.</summary>
    private async Task FillAsync(ChannelWriter<TransferRow> rows, TransferTable table, IReadOnlyList<string> orderBy, CancellationToken cancel)
    {
        try
        {
            await _database.ReadAsync(
                async connection =>
                {
                    await using var command = connection.CreateCommand();
                    command.CommandText =
                        $"SELECT {string.Join(", ", table.Columns.Select(c => c.Name))} FROM {table.Name} ORDER BY {string.Join(", ", orderBy)}";
                    await using var reader = await command.ExecuteReaderAsync(cancel);
                    while (await reader.ReadAsync(cancel))
                    {
                        await rows.WriteAsync(RowOf(reader, table), cancel);
                    }

                    return 0;
                },
                cancel);
            rows.Complete();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            rows.Complete(e);
        }
    }

    private static TransferRow RowOf(DbDataReader reader, TransferTable table)
    {
        var row = new TransferRow(table.Name);
        for (var i = 0; i < table.Columns.Count; i++)
        {
            var name = table.Columns[i].Name;
            _ = reader.IsDBNull(i) ? row : table.Columns[i].Kind switch
            {
                TransferKind.Number => row.Set(name, reader.GetInt64(i)),
                TransferKind.Bytes => row.Set(name, reader.GetFieldValue<byte[]>(i)),
                _ => row.Set(name, reader.GetString(i)),
            };
        }

        return row;
    }

    private static string Insert(TransferTable table, IReadOnlyList<string> key, string[] names, bool sums)
    {
        var insert = $"INSERT INTO {table.Name} ({string.Join(", ", names)}) VALUES ({string.Join(", ", names.Select(n => "@" + n))})";
        if (!sums)
        {
            return insert;
        }

        var added = table.Columns.Where(c => c.Kind == TransferKind.Number && !key.Contains(c.Name)).Select(c => $"{c.Name} = {table.Name}.{c.Name} + excluded.{c.Name}");
        return $"{insert} ON CONFLICT ({string.Join(", ", key)}) DO UPDATE SET {string.Join(", ", added)}";
    }

    private Task<int> DescribeAsync(CancellationToken cancel) => _database.ReadAsync(
        async connection =>
        {
            foreach (var table in await StoreTables.ReadAsync(_database, connection))
            {
                var key = await connection.QueryAsync<string>("SELECT name FROM pragma_table_info(@Name) WHERE pk > 0 ORDER BY pk", new { table.Name });
                _tables[table.Name] = (table, key.AsList());
            }

            return 0;
        },
        cancel);

    /// <summary>The combinations of filter values that findings have, and the sums of organizational units: other stores do not keep them.</summary>
    private static async Task DeriveAsync(DbTransaction transaction)
    {
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO finding_facets (organization, policy_id, state, severity, region, type, service)
            SELECT DISTINCT organization, policy_id, state, severity, region, type, service FROM findings WHERE true ON CONFLICT DO NOTHING
            """,
            null, transaction);
        foreach (var (organization, accountId, ou) in (await transaction.Connection!.QueryAsync<(string Organization, string AccountId, string Ou)>(
            "SELECT organization, account_id, ou FROM accounts WHERE ou IS NOT NULL", null, transaction)).AsList())
        {
            await OuTotals.MoveAsync(transaction, organization, accountId, from: null, ou);
        }
    }
}
