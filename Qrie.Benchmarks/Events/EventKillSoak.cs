using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Qrie.Benchmarks.Processes;

namespace Qrie.Benchmarks.Events;

/// <summary>
/// Kills the service with SIGKILL while it processes events of an account that keeps changing, while another consumer sometimes takes messages. In the end the
/// store must match the account, and a scan must not find anything that events had not reported.
/// </summary>
/// <param name="kills">The number of kills.</param>
/// <param name="seed">The random seed.</param>
/// <param name="output">Receives progress messages.</param>
internal sealed class EventKillSoak(int kills, int seed, TextWriter output)
{
    private const string Policy = "S3BucketVersioningDisabled";
    private const int ChangesBetweenKills = 15;

    /// <summary>The time from the last event of a resource to its last recheck.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Random _random = new(seed);

    /// <summary>The differences in the end; empty if there are none.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancel)
    {
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"event kills: {kills} kills, --seed {seed}"));
        var folder = Directory.CreateTempSubdirectory("qrie-events-");
        await using var emulator = await EmulatorProcess.StartAsync(cancel);
        using var world = new ChangingBuckets(emulator.Url, _random);
        await world.OpenQueueAsync("events", cancel);
        var store = Path.Combine(folder.FullName, "qrie.db");
        var qrie = await StartAsync(store, emulator.Url, world.QueueUrl, cancel);
        try
        {
            await qrie.PostAsync("/policies/launch", new { policy_id = Policy }, cancel);
            for (var kill = 1; kill <= kills; kill++)
            {
                for (var change = 0; change < ChangesBetweenKills; change++)
                {
                    await world.ChangeAsync(cancel);
                    if (_random.Next(10) == 0)
                    {
                        await world.ReceiveAndDropAsync(cancel);
                    }
                }

                await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(400)), TimeProvider.System, cancel);
                await qrie.DisposeAsync(); // SIGKILL
                qrie = await StartAsync(store, emulator.Url, world.QueueUrl, cancel);
                var left = await world.WaitingAsync(cancel);
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"kill {kill}: {world.Versioned.Count} buckets, {left} messages left"));
            }

            await UntilAsync(async () => await world.WaitingAsync(cancel) == 0, "the queue is empty", cancel);
            await Task.Delay(Settling, TimeProvider.System, cancel);
            return [.. await DifferencesAsync(qrie, world, cancel), .. await UntoldAsync(qrie, cancel)];
        }
        finally
        {
            await qrie.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }

    private static async Task<QrieProcess> StartAsync(string store, Uri emulator, string queue, CancellationToken cancel)
    {
        var qrie = QrieProcess.Spawn(store, emulator, [$"--Events:QueueUrl={queue}", "--Events:Visibility=00:00:10"]);
        return await qrie.ReadyAsync(cancel) ? qrie : throw new InvalidOperationException(string.Join('\n', qrie.Log));
    }

    private static async Task<List<string>> DifferencesAsync(QrieProcess qrie, ChangingBuckets world, CancellationToken cancel)
    {
        var stored = (await qrie.AllAsync("/resources", "resources", cancel))
            .Where(r => Text(r, "resource_type") == "AWS::S3::Bucket").Select(NameOf).ToHashSet();
        var open = (await qrie.AllAsync("/findings", "findings", cancel))
            .Where(f => Text(f, "state") == "ACTIVE" && Text(f, "policy") == Policy).Select(NameOf).ToHashSet();
        var (exist, faulty) = (world.Versioned.Keys.ToHashSet(), world.Versioned.Where(b => !b.Value).Select(b => b.Key).ToHashSet());
        return
        [
            .. exist.Except(stored).Select(name => $"{name} exists and is not stored"),
            .. stored.Except(exist).Select(name => $"{name} is stored and does not exist"),
            .. faulty.Except(open).Select(name => $"{name} is not versioned and has no open finding"),
            .. open.Except(faulty).Select(name => $"{name} has an open finding and is versioned or deleted"),
        ];
    }

    /// <summary>Changes found by scans that events had not reported.</summary>
    private static async Task<List<string>> UntoldAsync(QrieProcess qrie, CancellationToken cancel)
    {
        await qrie.PostAsync("/scans", new { kind = "inventory", service = "s3" }, cancel);
        await qrie.FinishedScansAsync(cancel);
        await qrie.PostAsync("/scans", new { kind = "policy", service = "s3" }, cancel);
        var last = (await qrie.FinishedScansAsync(cancel)).Take(2).ToList();
        string[] counters = ["resources_changed", "resources_deleted", "findings_created", "findings_closed"];
        return
        [
            .. from scan in last
               from counter in counters
               where scan.GetProperty("counters").TryGetProperty(counter, out var n) && n.GetInt64() > 0
               select $"the {Text(scan, "kind")} scan counts {scan.GetProperty("counters").GetProperty(counter)} {counter}",
        ];
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, string what, CancellationToken cancel)
    {
        for (var waited = Stopwatch.StartNew(); !await condition(); await Task.Delay(Pause, TimeProvider.System, cancel))
        {
            if (waited.Elapsed > TimeLimit)
            {
                throw new TimeoutException($"Timed out after {TimeLimit} waiting until {what}.");
            }
        }
    }

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;

    private static string NameOf(JsonElement row) => Text(row, "arn")["arn:aws:s3:::".Length..];
}
