using Qrie.Domain;
using Qrie.Sql.Database;

namespace Qrie.Tests.Stores;

/// <summary>Files of the store are readable only by the user of the process.</summary>
public sealed class PrivateFileTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qrie-test-");

    private string Store => Path.Combine(_folder.FullName, "a", "b", "qrie.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Files_and_folders_of_a_store_are_private()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no Unix modes.");
        await using var database = SqliteDatabase.Open(Store);
        await Migrator.MigrateAsync(database, default);

        Modes().ShouldBe(new Dictionary<string, UnixFileMode>
        {
            ["qrie.db"] = Owner,
            ["qrie.db-wal"] = Owner,
            ["qrie.db-shm"] = Owner,
            ["qrie.db.lock"] = Owner,
        }, ignoreOrder: true);
        File.GetUnixFileMode(Path.GetDirectoryName(Store)!).ShouldBe(Owner | UnixFileMode.UserExecute);
        File.GetUnixFileMode(Path.Combine(_folder.FullName, "a")).ShouldBe(Owner | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task Files_readable_by_others_are_private_after_the_start()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no Unix modes.");
        await using (var first = SqliteDatabase.Open(Store))
        {
            await Migrator.MigrateAsync(first, default);
        }

        foreach (var file in (string[])[Store, Store + ".lock"])
        {
            File.SetUnixFileMode(file, Owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            PrivateFiles.WhatOthersMay(file).ShouldBe("0644");
        }

        await using var second = SqliteDatabase.Open(Store);

        Modes().Values.ShouldAllBe(mode => mode == Owner);
    }

    private Dictionary<string, UnixFileMode> Modes() =>
        Directory.GetFiles(Path.GetDirectoryName(Store)!).ToDictionary(f => Path.GetFileName(f), File.GetUnixFileMode);
}
