using System.Net;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Api.Cli;
using Qrie.Api.Hosting;
using Qrie.Domain.Validation;
using Qrie.Sql;
using Qrie.Sql.Database;
using Qrie.Tests.Cli;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api.Operations;

/// <summary>Backups of a running service, restoring them, and what happens to damaged, foreign and newer files.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qrie-backup-");

    private string Store => Path.Combine(_folder.FullName, "data", "qrie.db");

    private string Backup => Path.Combine(_folder.FullName, "qrie.backup");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_backup_of_a_running_service_is_restored_with_what_was_committed_before()
    {
        await using (var qrie = await RunningQrie.StartAsync(store: Store))
        {
            await qrie.WriteAsync([.. Enumerable.Range(0, 500).Select(i => StoredWorld.Bucket($"before-{i}"))]);
            using var stop = new CancellationTokenSource();
            var writing = Task.Run(async () =>
            {
                for (var i = 0; !stop.IsCancellationRequested; i++)
                {
                    await qrie.WriteAsync(StoredWorld.Bucket($"meanwhile-{i}"));
                }
            });
            var copy = await SqliteBackup.WriteAsync(Store, Backup, default);
            await stop.CancelAsync();
            await writing;
            await qrie.WriteAsync(StoredWorld.Bucket("after"));
            copy.Bytes.ShouldBe(new FileInfo(Backup).Length);
            (await Should.ThrowAsync<StoreUnavailableException>(() => SqliteBackup.RestoreAsync(Backup, Store, Some.Noon, default)))
                .Message.ShouldContain("A service uses the store");
            (await qrie.GetAsync("/resources?page_size=1")).Status.ShouldBe(HttpStatusCode.OK);
        }

        var (_, former) = await SqliteBackup.RestoreAsync(Backup, Store, Some.Noon, default);

        await using var restored = await RunningQrie.StartAsync(store: Store);
        var names = (await restored.AllAsync("/resources", "resources")).Select(r => r.GetProperty("arn").GetString()!.Split(":::")[1]).ToList();
        names.Count(n => n.StartsWith("before-", StringComparison.Ordinal)).ShouldBe(500);
        names.ShouldNotContain("after");
        await using var kept = new SqliteConnection($"Data Source={former};Pooling=False");
        (await kept.ExecuteScalarAsync<long>("SELECT count(*) FROM resources WHERE arn = @arn", new { arn = Some.ArnOf("after") })).ShouldBe(1);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Backup).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.GetUnixFileMode(former!).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public async Task A_damaged_backup_changes_nothing()
    {
        await (await RunningQrie.StartAsync(store: Store)).DisposeAsync();
        await SqliteBackup.WriteAsync(Store, Backup, default);
        var before = await File.ReadAllBytesAsync(Store);
        var bytes = await File.ReadAllBytesAsync(Backup);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(Backup, bytes);

        (await Should.ThrowAsync<StoreUnavailableException>(() => SqliteBackup.RestoreAsync(Backup, Store, Some.Noon, default)))
            .Message.ShouldContain("damaged");
        File.Delete(Backup + ".sha256");
        (await Should.ThrowAsync<StoreUnavailableException>(() => SqliteBackup.RestoreAsync(Backup, Store, Some.Noon, default)))
            .Message.ShouldContain("missing");

        (await File.ReadAllBytesAsync(Store)).ShouldBe(before);
        _folder.GetFiles("*.partial", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_store_of_a_newer_version_is_refused_and_stays_as_it_was()
    {
        await (await RunningQrie.StartAsync(store: Store)).DisposeAsync();
        await using (var connection = new SqliteConnection($"Data Source={Store};Pooling=False"))
        {
            await connection.ExecuteAsync("UPDATE installation SET value = '999' WHERE name = 'schema_version'");
        }

        await SqliteBackup.WriteAsync(Store, Backup, default);
        var before = await File.ReadAllBytesAsync(Store);

        (await Should.ThrowAsync<StoreUnavailableException>(() => SqliteBackup.RestoreAsync(Backup, Store, Some.Noon, default)))
            .Message.ShouldContain("newer Qrie");
        (await Should.ThrowAsync<StoreUnavailableException>(() => RunningQrie.StartAsync(store: Store))).Message.ShouldContain("start the newer Qrie");
        await using var after = new SqliteConnection($"Data Source={Store};Pooling=False");
        (await after.ExecuteScalarAsync<string>("SELECT value FROM installation WHERE name = 'schema_version'")).ShouldBe("999");
        (await File.ReadAllBytesAsync(Store)).ShouldBe(before);
    }

    [Fact]
    public async Task A_store_of_the_first_schema_is_migrated_with_its_data()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Store)!);
        await using (var first = new SqliteConnection($"Data Source={Store};Pooling=False"))
        {
            using var reader = new StreamReader(typeof(SqlInstallation).Assembly.GetManifestResourceStream("Qrie.Sql.Migrations.sqlite.001_initial.sql")!);
            await first.ExecuteAsync("CREATE TABLE installation (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)");
            await first.ExecuteAsync(await reader.ReadToEndAsync());
            await first.ExecuteAsync("INSERT INTO installation (name, value) VALUES ('schema_version', '1')");
            await first.ExecuteAsync("INSERT INTO organizations (organization, name, created_at) VALUES ('shop', 'The shop', 1)");
        }

        await using var qrie = await RunningQrie.StartAsync(store: Store);

        (await qrie.GetAsync("/version")).Body.GetProperty("store").GetProperty("schema").GetInt32().ShouldBe(Migrator.Latest("sqlite"));
        (await qrie.GetAsync("/organizations")).Body.ToString().ShouldContain("The shop");
    }

    [Fact]
    public async Task A_damaged_store_is_replaced_and_its_files_are_kept()
    {
        await (await RunningQrie.StartAsync(store: Store)).DisposeAsync();
        await SqliteBackup.WriteAsync(Store, Backup, default);
        await File.WriteAllTextAsync(Store, new string('x', 10_000));

        var (_, former) = await SqliteBackup.RestoreAsync(Backup, Store, Some.Noon, default);

        (await File.ReadAllTextAsync(former!)).ShouldStartWith("xxx");
        await using var qrie = await RunningQrie.StartAsync(store: Store);
        (await qrie.GetAsync("/health/ready")).Body.GetProperty("status").GetString().ShouldBe("ready");
    }

    [Fact]
    public async Task Health_is_an_exit_code()
    {
        await using var qrie = await RunningQrie.StartAsync(store: Store);
        using var output = new StringWriter();
        var console = new CliConsole(output, output, TextReader.Null, false, TimeProvider.System);

        (await CommandLine.RunAsync(["health", "--url", qrie.Http.BaseAddress!.ToString()], console)).ShouldBe(0, output.ToString());
        (await CommandLine.RunAsync(["health", "--ready", "--url", qrie.Http.BaseAddress!.ToString()], console)).ShouldBe(0, output.ToString());
        qrie.Services.GetRequiredService<Readiness>().NotReadyBecause = "the store is being repaired";
        (await CommandLine.RunAsync(["health", "--url", qrie.Http.BaseAddress!.ToString()], console)).ShouldBe(0, output.ToString());
        (await CommandLine.RunAsync(["health", "--ready", "--url", qrie.Http.BaseAddress!.ToString()], console)).ShouldBe(1, output.ToString());
        (await CommandLine.RunAsync(["health", "--url", "http://127.0.0.1:1"], console)).ShouldBe(1);
        (await CommandLine.RunAsync(["health", "--url", "here"], console)).ShouldBe(1);
    }

    [Fact]
    public async Task Commands_of_the_store_tell_wrong_use_from_failure()
    {
        await (await RunningQrie.StartAsync(store: Store)).DisposeAsync();
        async Task<CommandRun> RunAsync(string name, Dictionary<string, string?> settings)
        {
            var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
            return await RunCommand.OfAsync(console => StoreCommands.Build(console, () => configuration).Single(c => c.Name == name), [Backup]);
        }

        var file = new Dictionary<string, string?> { ["Store:Path"] = Store };
        (await RunAsync("restore", file)).Code.ShouldBe(1, "there is no backup");
        (await RunAsync("backup", file)).Code.ShouldBe(0);
        (await RunAsync("restore", file)).Code.ShouldBe(0);
        foreach (var settings in (Dictionary<string, string?>[])
            [new() { ["Store:Kind"] = "oracle" }, new() { ["Store:Kind"] = "postgres", ["Store:ConnectionString"] = "Host=db.example.com;Database=qrie" }])
        {
            var run = await RunAsync("backup", settings);
            run.Code.ShouldBe(2, run.ToString());
            run.Errors.ShouldStartWith("[ERROR] ");
        }
    }

    [Theory]
    [InlineData(null, "http://localhost:5080/")]
    [InlineData("http://+:5080", "http://localhost:5080/")]
    [InlineData("http://0.0.0.0:80;https://+:443", "http://localhost/")]
    [InlineData("http://[::]:5080", "http://localhost:5080/")]
    [InlineData("http://10.0.0.1:8080", "http://10.0.0.1:8080/")]
    public void The_health_check_finds_the_address(string? urls, string expected) => StoreCommands.AddressOf(urls).ToString().ShouldBe(expected);
}
