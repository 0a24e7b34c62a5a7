using System.Text.Json;
using Qrie.Api.Cli.Service;
using Qrie.Api.Hosting;
using Qrie.Domain;
using Qrie.Domain.Validation;
using Qrie.Sql.Database;

namespace Qrie.Api.Cli.Doctor;

/// <summary>
/// Checks that the embedded store can be opened and written, its schema version and the free disk space. If a service has it open, that service is asked.
/// </summary>
internal sealed class StoreCheck(StoreSettings settings, ServiceClient service)
{
    private const string Check = "store";
    private const long Megabyte = 1024 * 1024;
    private const long RoomNeeded = 100 * Megabyte;
    private const long RoomWanted = 1024 * Megabyte;

    private readonly string _path = Path.GetFullPath(settings.Path);

    /// <summary>Opens the store if possible; the caller closes it.</summary>
    public async Task<OpenedStore> RunAsync(CancellationToken cancel)
    {
        if (!File.Exists(_path))
        {
            return new OpenedStore([Writable("There is no store yet; Qrie will create it here when it starts")], null, false);
        }

        var modes = Modes(); // before it is opened, which fixes them
        SqliteDatabase database;
        try
        {
            database = SqliteDatabase.Open(_path);
        }
        catch (StoreUnavailableException e) when (e.InnerException is IOException and not (FileNotFoundException or DirectoryNotFoundException))
        {
            var (diagnostic, isServed) = await AskServiceAsync(cancel);
            return new OpenedStore([diagnostic, .. modes, Room()], null, isServed);
        }
        catch (StoreUnavailableException e)
        {
            return new OpenedStore(
                [Diagnostic.Problem(Check, e.Message, "Fix the cause given in the message; a backup can be restored while Qrie is stopped.", _path)],
                null, false);
        }

        return await LookAsync(database, modes, cancel);
    }

    private async Task<OpenedStore> LookAsync(SqliteDatabase database, IReadOnlyList<Diagnostic> modes, CancellationToken cancel)
    {
        try
        {
            var (schema, latest) = (await Migrator.FindSchemaAsync(database, cancel), Migrator.Latest(database));
            // Takes the write lock without writing.
            await database.WriteAsync(_ => Task.FromResult(0), cancel);
            List<Diagnostic> diagnostics =
            [
                schema > latest
                    ? Diagnostic.Problem(
                        Check, $"Its schema version is {schema}; this version of Qrie knows {latest}.",
                            "Run the newer Qrie that migrated it, or restore a backup.", _path)
                    : Writable(
                        $"{database.Dialect} {await database.VersionAsync(cancel)}, "
                        + $"schema {schema}{(schema < latest ? $", which the next start migrates to {latest}" : "")}"),
                .. modes,
                Room(),
            ];
            if (schema == latest)
            {
                return new OpenedStore(diagnostics, CommandStore.Of(database), false);
            }

            await database.DisposeAsync();
            return new OpenedStore(diagnostics, null, false);
        }
        catch (StoreUnavailableException e)
        {
            await database.DisposeAsync();
            return new OpenedStore([Diagnostic.Problem(Check, e.Message, "Fix the cause given in the message.", _path), Room()], null, false);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    private async Task<(Diagnostic Diagnostic, bool IsServed)> AskServiceAsync(CancellationToken cancel)
    {
        try
        {
            var health = (await service.AskAsync(HttpMethod.Get, "/health", null, cancel)).Body;
            var status = Text(health, "status");
            if (status is null)
            {
                return (
                    Diagnostic.Problem(
                        Check, $"Another process has it open, and {service.Url} is not a Qrie.",
                        "Give the address of the running Qrie with --url.", _path), false);
            }

            var store = health.TryGetProperty("store", out var told) && told.ValueKind == JsonValueKind.Object
                ? $", {Text(told, "kind")} {Text(told, "version")}"
                : "";
            return status == "unavailable"
                ? (
                    Diagnostic.Problem(
                        Check, $"The running Qrie at {service.Url} cannot use it.",
                        "See its log and GET /health: full or read-only disk, damaged file.", _path), true)
                : (Diagnostic.Ok(Check, $"in use by a running Qrie, so it was not opened; {service.Url} reports: {status}{store}", _path), true);
        }
        catch (ServiceUnreachableException e)
        {
            return (
                Diagnostic.Problem(
                    Check, $"Another process has it open. {e.Message}",
                    "Give the address of the running Qrie with --url, or stop the process that holds the file.", _path), false);
        }
    }

    /// <summary>Tries to write next to the file, where the store's log is.</summary>
    private Diagnostic Writable(string message)
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(_path)!);
        while (!folder.Exists)
        {
            folder = folder.Parent!; // the rest will be created
        }

        try
        {
            var probe = Path.Combine(folder.FullName, $".qrie-doctor-{Guid.NewGuid():N}");
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose))
            {
                return Diagnostic.Ok(Check, message, _path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Diagnostic.Problem(
                Check, $"{folder.FullName} is not writable: {e.Message}",
                "Make the folder writable for the user that Qrie runs as, or set Store:Path to another one.", _path);
        }
    }

    /// <summary>Whether others than the owner may use the files of the store, or its folder.</summary>
    private List<Diagnostic> Modes()
    {
        const string check = "files";
        List<Diagnostic> diagnostics =
        [
            .. from file in SqliteDatabase.FilesOf(_path)
               let mode = PrivateFiles.WhatOthersMay(file)
               where mode is not null
               select Diagnostic.Warning(check, $"It has the mode {mode}; others than its owner may use it.", $"chmod 600 {file}", file),
        ];
        var folder = Path.GetDirectoryName(_path)!;
        if (PrivateFiles.WhatOthersMay(folder) is { } open)
        {
            diagnostics.Add(Diagnostic.Warning(check, $"The folder has the mode {open}; others than its owner may look into it.", $"chmod 700 {folder}",
                folder));
        }

        return diagnostics.Count > 0 ? diagnostics : [Diagnostic.Ok(check, "only their owner may use the store and its folder", folder)];
    }

    private Diagnostic Room()
    {
        const string check = "disk";
        var free = new DriveInfo(Path.GetDirectoryName(_path)!).AvailableFreeSpace;
        var used = Length(_path) + Length($"{_path}-wal");
        var text = $"{free / Megabyte:N0} MB are free, the store uses {Math.Max(1, used / Megabyte):N0} MB";
        return free < RoomNeeded ? Diagnostic.Problem(check, $"Only {text}.", "Free disk space: when the disk is full, nothing can be written.")
            : free < RoomWanted ? Diagnostic.Warning(check, $"Only {text}.", "Free disk space, or move the store to a larger disk (Store:Path).")
            : Diagnostic.Ok(check, text);
    }

    private static long Length(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;

    private static string? Text(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}

/// <summary>The result for the store.</summary>
/// <param name="Store">Null if it cannot be read from here.</param>
/// <param name="IsServed">A running Qrie has it open.</param>
internal sealed record OpenedStore(IReadOnlyList<Diagnostic> Diagnostics, CommandStore? Store, bool IsServed);
