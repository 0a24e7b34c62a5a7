using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using Microsoft.Data.Sqlite;
using Qrie.Domain;
using Qrie.Domain.Validation;

namespace Qrie.Sql.Database;

/// <summary>Copies the embedded store while a service uses it, and puts a copy back in its place while none does.</summary>
public static class SqliteBackup
{
    private const string ChecksumSuffix = ".sha256";
    private const string Partial = ".partial";

    static SqliteBackup() => SQLitePCL.Batteries_V2.Init();

    /// <summary>A copy of a backup, with its SHA-256 beside it as <c>sha256sum --check</c> reads it.</summary>
    /// <param name="Bytes">The size of the file.</param>
    /// <param name="Sha256">In lower-case hexadecimal digits.</param>
    /// <param name="Schema">The schema version.</param>
    public sealed record Copy(string Path, long Bytes, string Sha256, int Schema);

    /// <summary>
    /// Copies one snapshot of the store: what was committed before, and nothing of what is written meanwhile. Writers do not wait. The copy is checked
    /// before it gets its name.
    /// </summary>
    /// <exception cref="StoreUnavailableException">There is no store, the target exists or cannot be written, or the copy is not sound.</exception>
    public static async Task<Copy> WriteAsync(string store, string target, CancellationToken cancel)
    {
        if (!File.Exists(store))
        {
            throw new StoreUnavailableException($"There is no store {Path.GetFullPath(store)}; set Store:Path.");
        }

        if (File.Exists(target) || File.Exists(target + ChecksumSuffix))
        {
            throw new StoreUnavailableException($"{target} exists, or its checksum does; give the backup another name.");
        }

        var partial = target + Partial;
        try
        {
            Clone(store, partial);
            var schema = await CheckAsync(partial, cancel);
            var checksum = await ChecksumAsync(partial, cancel);
            var line = $"{checksum}  {Path.GetFileName(target)}\n";
            await using (var file = new FileStream(target + ChecksumSuffix, PrivateFiles.Options(FileMode.CreateNew, FileAccess.Write, FileShare.None)))
            {
                await file.WriteAsync(System.Text.Encoding.ASCII.GetBytes(line), cancel);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, target, overwrite: false);
            return new Copy(target, new FileInfo(target).Length, checksum, schema);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"The store {Path.GetFullPath(store)} could not be copied to {target}: {e.Message}", e);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>
    /// Puts a backup in the place of the store. It is checked before anything changes, and replaces the store in one step, so that an interruption leaves the
    /// one or the other. What was there stays as <c>(store).before-(time)</c>.
    /// </summary>
    /// <returns>The restored copy, and where the former store is; null if there was none.</returns>
    /// <exception cref="StoreUnavailableException">
    /// A service uses the store; or the backup is damaged, has no checksum, or is of a newer version. The store is as it was.
    /// </exception>
    public static async Task<(Copy Restored, string? Former)> RestoreAsync(string backup, string store, DateTimeOffset now, CancellationToken cancel)
    {
        var full = Path.GetFullPath(store);
        try
        {
            var checksum = await VerifyAsync(backup, cancel);
            PrivateFiles.MakeFolder(Path.GetDirectoryName(full)!);
            await using var alone = Lock(full);
            var partial = full + Partial;
            try
            {
                await using (var from = new FileStream(backup, FileMode.Open, FileAccess.Read, FileShare.Read))
                await using (var to = new FileStream(partial, PrivateFiles.Options(FileMode.Create, FileAccess.Write, FileShare.None)))
                {
                    await from.CopyToAsync(to, cancel);
                    to.Flush(flushToDisk: true);
                }

                var schema = await CheckAsync(partial, cancel);
                if (schema > Migrator.Latest("sqlite"))
                {
                    throw new StoreUnavailableException(
                        $"The backup has schema {schema}, this version knows {Migrator.Latest("sqlite")}: restore it with the newer Qrie that wrote it.");
                }

                var former = File.Exists(full) ? $"{full}.before-{now.UtcDateTime.ToString("yyyyMMddTHHmmssfff", CultureInfo.InvariantCulture)}" : null;
                if (former is not null)
                {
                    SetAside(full, former);
                }

                File.Move(partial, full, overwrite: true);
                return (new Copy(full, new FileInfo(full).Length, checksum, schema), former);
            }
            finally
            {
                File.Delete(partial);
            }
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"{backup} could not be restored to {full}: {e.Message}", e);
        }
    }

    /// <summary>The former store in one file. If it is damaged, its files as they are.</summary>
    private static void SetAside(string full, string former)
    {
        try
        {
            Clone(full, former);
            // Its log must not be applied to the restored file.
            using var connection = Open(full, SqliteOpenMode.ReadWrite);
            connection.Execute("PRAGMA journal_mode = DELETE");
        }
        catch (SqliteException)
        {
            SqliteConnection.ClearAllPools();
            foreach (var suffix in new[] { "", "-wal", "-shm", "-journal" })
            {
                if (File.Exists(full + suffix))
                {
                    File.Move(full + suffix, former + suffix, overwrite: true);
                }
            }
        }
    }

    private static FileStream Lock(string full)
    {
        try
        {
            return new FileStream(SqliteDatabase.LockOf(full), PrivateFiles.Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e)
        {
            throw new StoreUnavailableException($"A service uses the store {full}: stop it before a restore. ({e.Message})", e);
        }
    }

    private static void Clone(string from, string to)
    {
        new FileStream(to, PrivateFiles.Options(FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite)).Dispose();
        using var source = Open(from, SqliteOpenMode.ReadWrite); // a reader of a log writes to its index
        using var target = Open(to, SqliteOpenMode.ReadWrite);
        source.BackupDatabase(target);
        target.Execute("PRAGMA journal_mode = DELETE"); // one file, without a log
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>The schema version of a sound copy.</summary>
    private static async Task<int> CheckAsync(string path, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await using var connection = Open(path, SqliteOpenMode.ReadOnly);
        return await connection.ExecuteScalarAsync<string>("PRAGMA integrity_check(1)") is "ok"
            ? await Migrator.SchemaAsync(connection)
            : throw new StoreUnavailableException($"{path} is damaged: integrity_check does not pass.");
    }

    private static async Task<string> VerifyAsync(string backup, CancellationToken cancel)
    {
        if (!File.Exists(backup) || !File.Exists(backup + ChecksumSuffix))
        {
            throw new StoreUnavailableException($"{backup} or {backup}{ChecksumSuffix} is missing; qrie backup writes both.");
        }

        var expected = (await File.ReadAllTextAsync(backup + ChecksumSuffix, cancel)).Split(' ')[0];
        var actual = await ChecksumAsync(backup, cancel);
        return actual == expected ? actual : throw new StoreUnavailableException(
            $"{backup} is damaged: its SHA-256 is {actual}, and not that of {backup}{ChecksumSuffix}. Take another backup; the store is as it was.");
    }

    private static async Task<string> ChecksumAsync(string path, CancellationToken cancel)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel));
    }
}
