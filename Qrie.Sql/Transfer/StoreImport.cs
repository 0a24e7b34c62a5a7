using System.Data.Common;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Qrie.Domain.Transfer;
using Qrie.Sql.Database;

namespace Qrie.Sql.Transfer;

/// <summary>
/// Fills an empty store with an export, each part in a transaction that also records it: an interrupted import is continued by the next call. Until it is
/// complete, no service uses the store (see <see cref="Unfinished"/>).
/// </summary>
public sealed class StoreImport(SqlDatabase database)
{
    /// <summary>The row of <c>installation</c> with the progress of an import that is not complete.</summary>
    public const string Unfinished = "import";

    /// <param name="progress">The rows so far, those of an earlier attempt included.</param>
    /// <exception cref="TransferException">
    /// The store is not empty or has another schema, or a part is missing or damaged. What was imported before stays and is continued by the next call.
    /// </exception>
    public async Task RunAsync(string folder, TransferManifest manifest, Func<long, Task> progress, CancellationToken cancel)
    {
        await Migrator.MigrateAsync(database, cancel);
        var done = await BeginAsync(manifest, cancel);
        var rows = 0L;
        foreach (var table in manifest.Tables)
        {
            foreach (var part in table.Parts)
            {
                if (!done.Contains(part.File))
                {
                    await VerifyAsync(folder, part, cancel);
                    done.Add(part.File);
                    await database.WriteAsync(
                        async transaction =>
                        {
                            await WriteAsync(transaction, folder, table, part, cancel);
                            await RecordAsync(transaction, manifest, done);
                        },
                        cancel);
                }

                await progress(rows += part.Rows);
            }
        }

        await database.WriteAsync(transaction => FinishAsync(transaction, manifest), cancel);
    }

    /// <summary>Checks the store, and returns the parts that an earlier attempt imported.</summary>
    private Task<HashSet<string>> BeginAsync(TransferManifest manifest, CancellationToken cancel) => database.WriteAsync(
        async transaction =>
        {
            var connection = transaction.Connection!;
            CompareSchemas(manifest.Tables, await StoreTables.ReadAsync(database, connection));
            if (await connection.ExecuteScalarAsync<string?>("SELECT value FROM installation WHERE name = @Unfinished", new { Unfinished }, transaction)
                is { } recorded)
            {
                var progress = JsonSerializer.Deserialize<Progress>(recorded)!;
                return progress.ExportId == manifest.ExportId
                    ? [.. progress.Parts]
                    : throw new TransferException(
                        $"The store has an unfinished import of another export, {progress.ExportId}: finish that one, or name an empty store.");
            }

            foreach (var table in manifest.Tables)
            {
                var own = table.Name == StoreTables.Installation ? $" WHERE name <> '{Migrator.SchemaVersion}'" : "";
                if (await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM {table.Name}{own}", null, transaction) is > 0 and var rows)
                {
                    throw new TransferException(
                        $"The store is not empty: {table.Name} has {rows} rows. Name a new file or database; an import does not change existing data.");
                }
            }

            await RecordAsync(transaction, manifest, []);
            return new HashSet<string>(StringComparer.Ordinal);
        },
        cancel);

    private static void CompareSchemas(IReadOnlyList<TransferTable> exported, IReadOnlyList<TransferTable> own)
    {
        static IEnumerable<string> Columns(IReadOnlyList<TransferTable> tables) =>
            tables.SelectMany(t => t.Columns.Select(c => $"{t.Name}.{c.Name} ({c.Kind})")).Order(StringComparer.Ordinal);
        if (Columns(exported).Except(Columns(own)).Concat(Columns(own).Except(Columns(exported))).ToList() is [_, ..] different)
        {
            throw new TransferException(
                $"The export is of another version of Qrie: only one of the two has {string.Join(", ", different.Take(5))}. "
                + "Start this version on the exported store once, which migrates it, and export again.");
        }
    }

    private static async Task VerifyAsync(string folder, TransferPart part, CancellationToken cancel)
    {
        try
        {
            await using var file = File.OpenRead(PathOf(folder, part));
            if (Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel)) != part.Sha256)
            {
                throw new TransferException($"{part.File} is damaged: its checksum is not that of the manifest. Copy it again, then repeat the import.");
            }
        }
        catch (FileNotFoundException e)
        {
            throw new TransferException($"{part.File} is missing in {folder}. Copy it there, then repeat the import.", e);
        }
    }

    /// <summary>A manifest from elsewhere must not name files outside its folder.</summary>
    private static string PathOf(string folder, TransferPart part) => Path.Combine(folder, Path.GetFileName(part.File));

    private async Task WriteAsync(DbTransaction transaction, string folder, TransferTable table, TransferPart part, CancellationToken cancel)
    {
        var names = table.Columns.Select(c => c.Name).ToArray();
        var overriding = database is PostgresDatabase ? " OVERRIDING SYSTEM VALUE" : "";
        using var statement = database.Prepare(
            transaction,
            $"INSERT INTO {table.Name} ({string.Join(", ", names)}){overriding} VALUES ({string.Join(", ", names.Select(n => "@" + n))})", names);
        await using var file = File.OpenRead(PathOf(folder, part));
        await using var gzip = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new StreamReader(gzip);
        var (values, rows) = (new object?[names.Length], 0L);
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            using var row = JsonDocument.Parse(line);
            if (row.RootElement.GetArrayLength() != values.Length)
            {
                throw new TransferException($"{part.File}, row {rows + 1}, has {row.RootElement.GetArrayLength()} values instead of {values.Length}.");
            }

            for (var i = 0; i < values.Length; i++)
            {
                values[i] = ValueOf(row.RootElement[i], table.Columns[i].Kind);
            }

            await statement.ExecuteAsync(values);
            rows++;
        }

        await statement.FlushAsync();
        if (rows != part.Rows)
        {
            throw new TransferException($"{part.File} has {rows} rows; the manifest says {part.Rows}.");
        }
    }

    private static object? ValueOf(JsonElement value, TransferKind kind) => value.ValueKind == JsonValueKind.Null ? null : kind switch
    {
        TransferKind.Number => value.GetInt64(),
        TransferKind.Bytes => value.GetBytesFromBase64(),
        _ => value.GetString(),
    };

    private static Task<int> RecordAsync(DbTransaction transaction, TransferManifest manifest, IEnumerable<string> done) =>
        transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO installation (name, value) VALUES (@Unfinished, @value)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """,
            new { Unfinished, value = JsonSerializer.Serialize(new Progress(manifest.ExportId, [.. done])) }, transaction);

    /// <summary>Numbers that the database assigns continue after the imported ones.</summary>
    private async Task FinishAsync(DbTransaction transaction, TransferManifest manifest)
    {
        foreach (var table in manifest.Tables)
        {
            var (connection, expected) = (transaction.Connection!, table.Parts.Sum(p => p.Rows));
            var own = table.Name == StoreTables.Installation ? $" WHERE name NOT IN ('{Migrator.SchemaVersion}', '{Unfinished}')" : "";
            var rows = await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM {table.Name}{own}", null, transaction);
            if (rows != expected)
            {
                throw new TransferException($"{table.Name} has {rows} rows after the import instead of {expected}. Import into an empty store.");
            }
        }

        if (database is PostgresDatabase)
        {
            foreach (var (table, column) in await transaction.Connection!.QueryAsync<(string, string)>(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES'",
                null, transaction))
            {
                await transaction.Connection!.ExecuteAsync(
                    $"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT coalesce(max({column}), 0) + 1 FROM {table}), false)",
                    null, transaction);
            }
        }

        await transaction.Connection!.ExecuteAsync("DELETE FROM installation WHERE name = @Unfinished", new { Unfinished }, transaction);
    }

    private sealed record Progress(string ExportId, IReadOnlyList<string> Parts);
}
