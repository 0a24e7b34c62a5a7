using System.Data.Common;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Qrie.Domain;
using Qrie.Domain.Transfer;
using Qrie.Sql.Database;

namespace Qrie.Sql.Transfer;

/// <summary>
/// Writes everything that a store has into a folder, from one snapshot: a service may use the store meanwhile. The export has the hashes of keys and the
/// store's secrets, so only its owner may read the files.
/// </summary>
/// <param name="rowsPerPart">A larger part is not written, a smaller one if its rows are large.</param>
/// <param name="store">The kind and version of the store in the manifest; null for the database itself.</param>
public sealed class StoreExport(SqlDatabase database, TimeProvider clock, int rowsPerPart = 50_000, string? store = null)
{
    private const string Unfinished = "export.unfinished";
    private const int RowsPerReport = 1000;
    private const long BytesPerPart = 64 * 1024 * 1024;

    /// <param name="folder">Empty, or not there yet, or with an export that was interrupted, which is replaced.</param>
    /// <param name="progress">The rows so far.</param>
    /// <exception cref="TransferException">The folder has other files or a complete export.</exception>
    public async Task<TransferManifest> RunAsync(string folder, Func<long, Task> progress, CancellationToken cancel)
    {
        Begin(folder);
        var name = store ?? $"{database.Dialect} {await database.VersionAsync(cancel)}";
        var createdAt = clock.GetUtcNow();
        var rows = 0L;
        var tables = await database.ReadAsync(
            async connection =>
            {
                var written = new List<TransferTable>();
                foreach (var table in await StoreTables.ReadAsync(database, connection))
                {
                    var parts = await WriteAsync(
                        connection, table, folder, () => ++rows % RowsPerReport == 0 ? progress(rows) : Task.CompletedTask, cancel);
                    written.Add(table with { Parts = parts });
                }

                return written;
            },
            cancel);
        var manifest = new TransferManifest(TransferManifest.CurrentFormat, Guid.CreateVersion7(createdAt).ToString(), createdAt, name, tables);
        await manifest.WriteAsync(folder, cancel);
        File.Delete(Path.Combine(folder, Unfinished));
        return manifest;
    }

    /// <summary>Checks that an export can be written into a folder. Returns the files of an interrupted one, which it replaces.</summary>
    /// <exception cref="TransferException">The folder has other files or a complete export.</exception>
    public static IReadOnlyList<string> CheckFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var files = Directory.EnumerateFileSystemEntries(folder).Where(file => Path.GetFileName(file) != Unfinished).ToList();
        if (files.Exists(file => Path.GetFileName(file) == TransferManifest.FileName))
        {
            throw new TransferException($"{folder} has a complete export already: name another folder.");
        }

        var isOurs = File.Exists(Path.Combine(folder, Unfinished));
        return files.Find(file => !isOurs || !file.EndsWith(".jsonl.gz", StringComparison.Ordinal)) is { } other
            ? throw new TransferException($"{folder} has other files, {Path.GetFileName(other)} for one: name an empty folder.")
            : files;
    }

    /// <summary>Makes the folder ready, with a file that tells a later run that what is in it is of an export that was interrupted.</summary>
    private static void Begin(string folder)
    {
        PrivateFiles.MakeFolder(folder);
        foreach (var file in CheckFolder(folder))
        {
            File.Delete(file);
        }

        new FileStream(
            Path.Combine(folder, Unfinished), PrivateFiles.Options(FileMode.OpenOrCreate, FileAccess.Write, FileShare.None)).Dispose();
    }

    private async Task<IReadOnlyList<TransferPart>> WriteAsync(
        DbConnection connection, TransferTable table, string folder, Func<Task> written, CancellationToken cancel)
    {
        var parts = new List<TransferPart>();
        await using var command = connection.CreateCommand();
        var own = table.Name == StoreTables.Installation ? $" WHERE name <> '{Migrator.SchemaVersion}'" : "";
        command.CommandText = $"SELECT {string.Join(", ", table.Columns.Select(c => c.Name))} FROM {table.Name}{own}";
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var more = await reader.ReadAsync(cancel);
        while (more)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{table.Name}-{parts.Count + 1:00000}.jsonl.gz");
            var rows = 0L;
            string hash;
            await using (var file = new FileStream(Path.Combine(folder, name), PrivateFiles.Options(FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None)))
            {
                await using (var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
                await using (var buffer = new BufferedStream(gzip, 1 << 16))
                {
                    for (; more && rows < rowsPerPart && file.Length < BytesPerPart; more = await reader.ReadAsync(cancel), rows++)
                    {
                        await using (var json = new Utf8JsonWriter(buffer))
                        {
                            WriteRow(json, reader, table.Columns);
                        }

                        buffer.WriteByte((byte)'\n');
                        await written();
                    }
                }

                file.Flush(flushToDisk: true);
                file.Position = 0;
                hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel));
            }

            parts.Add(new TransferPart(name, rows, hash));
        }

        return parts;
    }

    private static void WriteRow(Utf8JsonWriter json, DbDataReader row, IReadOnlyList<TransferColumn> columns)
    {
        json.WriteStartArray();
        for (var i = 0; i < columns.Count; i++)
        {
            if (row.IsDBNull(i))
            {
                json.WriteNullValue();
                continue;
            }

            switch (columns[i].Kind)
            {
                case TransferKind.Number:
                    json.WriteNumberValue(row.GetInt64(i));
                    break;
                case TransferKind.Bytes:
                    json.WriteBase64StringValue(row.GetFieldValue<byte[]>(i));
                    break;
                default:
                    json.WriteStringValue(row.GetString(i));
                    break;
            }
        }

        json.WriteEndArray();
    }
}
