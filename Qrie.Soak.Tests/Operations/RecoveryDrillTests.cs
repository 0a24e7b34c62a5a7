using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Qrie.Api.Hosting;
using Qrie.Benchmarks.Processes;
using Qrie.Tests.Emulator;

namespace Qrie.Soak.Tests.Operations;

/// <summary>
/// The steps of docs/operations.md with processes, as an operator takes them. That a scan continues after a kill with the same result is
/// <see cref="Crash.CrashProofTests"/>.
/// </summary>
public sealed class RecoveryDrillTests : IDisposable
{
    private const int Buckets = 12;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qrie-drill-");
    private readonly Estate _estate = Estate.Of(MotoServer.BaseAccount);
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];

    private string Store => Path.Combine(_folder.FullName, "data", "qrie.db");

    private string Backup => Path.Combine(_folder.FullName, "qrie.backup");

    public void Dispose() => _folder.Delete(recursive: true);

    [SoakFact("moto_server")]
    public async Task A_backup_taken_during_a_scan_is_restored_after_a_kill_and_the_scan_continues()
    {
        await using var proxy = await FaultProxy.StartAsync();
        await MakeBucketsAsync("first");
        await using (var service = await StartAsync(proxy))
        {
            await ScanAsync(service, wait: true);
            await MakeBucketsAsync("second");
            proxy.On("s3:GetBucketVersioning").Delay(TimeSpan.FromMilliseconds(300)); // so that the scan runs during the backup
            var asked = proxy.RequestsFor("GetBucketVersioning").Count;
            await ScanAsync(service, wait: false);
            await UntilAsync(() => proxy.RequestsFor("GetBucketVersioning").Count > asked);

            (await RunAsync("backup", Backup)).Code.ShouldBe(0);
            (await UnfinishedAsync(service)).ShouldBe(1, "the scan should still run");
            var refused = await RunAsync("restore", Backup);
            (refused.Code, refused.Output.Contains("A service uses the store", StringComparison.Ordinal)).ShouldBe((1, true), refused.Output);
            await service.KillAsync();
        }

        await File.WriteAllTextAsync(Store, "The disk is gone.");
        foreach (var file in (string[])["-wal", "-shm"])
        {
            File.Delete(Store + file);
        }

        await using (var broken = QrieProcess.Spawn(Store, proxy.Url))
        {
            (await broken.ReadyAsync(default)).ShouldBeFalse();
            broken.ExitCode.ShouldBe(1, string.Join('\n', broken.Log));
        }

        var restored = await RunAsync("restore", Backup);
        restored.Code.ShouldBe(0, restored.Output);

        await using var again = await StartAsync(proxy);
        var scans = await again.FinishedScansAsync(default);
        scans.Select(s => s.GetProperty("status").GetString()).ShouldBe(["completed", "completed"]);
        (await BucketsAsync(again)).ShouldBe(2 * Buckets);
        again.Errors.ShouldBeEmpty();
    }

    [SoakFact("moto_server")]
    public async Task An_older_version_does_not_start_on_a_newer_store_and_leaves_it_as_it_is()
    {
        await using var proxy = await FaultProxy.StartAsync();
        await using (var service = await StartAsync(proxy))
        {
            await service.StopAsync(default);
        }

        await using (var connection = new SqliteConnection($"Data Source={Store};Pooling=False"))
        {
            await connection.ExecuteAsync("UPDATE installation SET value = '999' WHERE name = 'schema_version'; PRAGMA wal_checkpoint(TRUNCATE)");
        }

        var before = SHA256.HashData(await File.ReadAllBytesAsync(Store));
        await using (var older = QrieProcess.Spawn(Store, proxy.Url))
        {
            (await older.ReadyAsync(default)).ShouldBeFalse();
            (older.ExitCode, string.Join('\n', older.Log).Contains("start the newer Qrie", StringComparison.Ordinal)).ShouldBe((1, true));
        }

        (await RunAsync("keys", "create", "--role", "admin")).Code.ShouldNotBe(0);
        SHA256.HashData(await File.ReadAllBytesAsync(Store)).ShouldBe(before);

        await using (var connection = new SqliteConnection($"Data Source={Store};Pooling=False"))
        {
            // The newer version again.
            var latest = Qrie.Sql.Database.Migrator.Latest("sqlite");
            await connection.ExecuteAsync("UPDATE installation SET value = @latest WHERE name = 'schema_version'", new { latest = $"{latest}" });
        }

        await using var newer = await StartAsync(proxy);
        (await newer.GetAsync("/health/ready", default)).Status.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var waited = Stopwatch.StartNew(); !condition(); await Task.Delay(50))
        {
            waited.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1));
        }
    }

    private static async Task ScanAsync(QrieProcess service, bool wait)
    {
        (await service.PostAsync("/scans", new { kind = "inventory", account_id = MotoServer.BaseAccount, service = "s3" }, default)).Status
            .ShouldBe(HttpStatusCode.Accepted);
        if (wait)
        {
            await service.FinishedScansAsync(default);
        }
    }

    private static async Task<int> UnfinishedAsync(QrieProcess service) => (await service.AllAsync("/scans", "scans", default))
        .Count(s => s.GetProperty("finished_at").ValueKind == JsonValueKind.Null);

    private async Task<QrieProcess> StartAsync(FaultProxy proxy)
    {
        var service = QrieProcess.Spawn(Store, proxy.Url);
        (await service.ReadyAsync(default)).ShouldBeTrue(string.Join('\n', service.Log));
        return service;
    }

    private async Task MakeBucketsAsync(string name)
    {
        for (var i = 0; i < Buckets; i++)
        {
            await _estate.DoAsync("s3", "CreateBucket", new { Bucket = $"{name}-{i}-{_run}" });
        }
    }

    /// <summary>Those of this test; others use the account, too.</summary>
    private async Task<int> BucketsAsync(QrieProcess service) => (await service.AllAsync("/resources", "resources", default))
        .Count(r => r.GetProperty("arn").GetString()!.EndsWith(_run, StringComparison.Ordinal));

    /// <summary>A command of the executable on the store.</summary>
    private async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(QrieHost).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["Store__Path"] = Store },
        };
        using var process = Process.Start(start)!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(output));
    }
}
