using System.Diagnostics;
using System.Net;
using Qrie.Benchmarks.Crash;
using Qrie.Benchmarks.Processes;

namespace Qrie.Tests.Crash;

/// <summary>The real process on a real disk that is full or read-only.</summary>
public sealed class BrokenDiskTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2); // only failing tests wait that long

    [SmallDiskFact]
    public async Task A_temporarily_full_disk_only_delays_work()
    {
        await using var emulator = await EmulatorProcess.StartAsync(default);
        using var world = new EmulatedWorld(emulator.Url, new Random(1));
        await world.FillAsync(default);
        await using var disk = await SmallDisk.MountAsync();
        await using var qrie = QrieProcess.Spawn(disk.Store, emulator.Url);
        (await qrie.ReadyAsync(default)).ShouldBeTrue(string.Join('\n', qrie.Log));

        (await qrie.PostAsync("/scans", new { kind = "inventory" }, default)).Status.ShouldBe(HttpStatusCode.Accepted);
        await using (await disk.FillAsync())
        {
            await LoggedAsync(qrie, "is restarted when it is available again");
            var (status, problem) = await RefusedAsync(qrie);

            status.ShouldBe(HttpStatusCode.ServiceUnavailable);
            problem.ShouldContain("The disk is full; free some space.");
            qrie.Errors.ShouldContain(line => line.Contains("The store is unavailable"));
            (await qrie.GetAsync("/health/live", default)).Status.ShouldBe(HttpStatusCode.OK);
        }

        var scans = await qrie.FinishedScansAsync(default);
        scans.ShouldAllBe(s => s.GetProperty("status").GetString() == "completed");
        await qrie.StopAsync(default);
        (await StoreFile.ViolationsAsync(disk.Store, default)).ShouldBeEmpty();
        var facts = await StoreFile.FactsAsync(disk.Store, default);

        await using var undisturbed = new CrashedStore(emulator.Url);
        await undisturbed.RunAsync("inventory", [], default);
        var expected = (await undisturbed.EndAsync(default)).Facts.Where(line => !line.StartsWith("GET", StringComparison.Ordinal)).ToList();
        expected.Count.ShouldBeGreaterThan(100);
        facts.ShouldBe(expected);
    }

    [SmallDiskFact]
    public async Task A_read_only_disk_prevents_the_start_with_a_remedy_and_the_store_stays_unchanged()
    {
        await using var disk = await SmallDisk.MountAsync();
        await using (var first = QrieProcess.Spawn(disk.Store, Nowhere))
        {
            (await first.ReadyAsync(default)).ShouldBeTrue(string.Join('\n', first.Log));
            await first.StopAsync(default);
        }

        await disk.MakeReadOnlyAsync();
        await using (var second = QrieProcess.Spawn(disk.Store, Nowhere))
        {
            (await second.ReadyAsync(default)).ShouldBeFalse();
            second.ExitCode.ShouldBe(1);
            await LoggedAsync(second, "make it writable"); // the last lines may be read after the end
            string.Join('\n', second.Log).ShouldContain("Qrie cannot start. The store");
        }

        await disk.MakeWritableAsync();
        await using var third = QrieProcess.Spawn(disk.Store, Nowhere);
        (await third.ReadyAsync(default)).ShouldBeTrue(string.Join('\n', third.Log));
    }

    /// <summary>The port of an emulator that does not run.</summary>
    private static Uri Nowhere => new("http://127.0.0.1:9");

    private static async Task LoggedAsync(QrieProcess qrie, string text)
    {
        for (var waited = Stopwatch.StartNew(); !qrie.Log.Any(line => line.Contains(text, StringComparison.Ordinal)); await Task.Delay(50))
        {
            waited.Elapsed.ShouldBeLessThan(Long, string.Join('\n', qrie.Log));
        }
    }

    /// <summary>The files may still have room for a few rows; accepted scans must be completed.</summary>
    private static async Task<(HttpStatusCode Status, string Body)> RefusedAsync(QrieProcess qrie)
    {
        for (var i = 0; i < 100; i++)
        {
            var (status, body) = await qrie.PostAsync("/scans", new { kind = "inventory", service = "rds" }, default);
            if (status != HttpStatusCode.Accepted)
            {
                return (status, body.ToString());
            }
        }

        throw new InvalidOperationException("The store never became full.");
    }
}
