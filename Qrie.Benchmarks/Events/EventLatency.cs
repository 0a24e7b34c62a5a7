using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Aws.Api;
using Qrie.Aws.Events;
using Qrie.Benchmarks.Load;
using Qrie.Benchmarks.Processes;
using Qrie.Domain.Events;

namespace Qrie.Benchmarks.Events;

/// <summary>
/// Changes buckets of the emulator at a fixed rate and sends the events to its SQS: measures the time until <c>GET /findings</c> shows it, and the emulator's
/// share. The service runs in this process, on the emulator's SQS and S3.
/// </summary>
internal sealed class EventLatency(int perSecond, TimeSpan duration, FigureWriter figures)
{
    private const string Policy = "S3BucketVersioningDisabled";

    /// <summary>All of them fit on one page of findings.</summary>
    private const int Buckets = 90;

    /// <summary>The polling interval; polling more often would take processor time from the measured service.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Change> _open = new(StringComparer.Ordinal);
    private readonly List<Change> _seen = [];
    private TimedAws? _aws;

    public async Task RunAsync(CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("qrie-latency-");
        await using var emulator = await EmulatorProcess.StartAsync(cancel);
        using var world = new ChangingBuckets(emulator.Url, new Random(1));
        await world.OpenQueueAsync("events", cancel);
        for (var i = 0; i < Buckets; i++)
        {
            await world.CreateAsync(cancel);
        }

        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "testing");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "testing");
        await using var app = await InProcessService.StartAsync(
            [
                $"--Store:Path={Path.Combine(folder.FullName, "qrie.db")}", $"--Aws:Endpoint={emulator.Url}",
                "--Aws:Regions=us-east-1", $"--Events:QueueUrl={world.QueueUrl}",
                "--Schedules:Inventory=off", "--Schedules:PolicyScan=off",
            ],
            builder =>
            {
                builder.Services.AddSingleton<IAwsApi>(p => _aws = new TimedAws(p.GetRequiredService<AwsApi>()));
                builder.Services.AddSingleton(
                    p => new EventChannel(new MeasuredQueue(new SqsEventQueue(p.GetRequiredService<SqsQueues>(), world.QueueUrl), Received)));
            },
            cancel);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        await PrepareAsync(http, cancel);
        using var memory = new PeakMemory();
        var (cpu, theirs, began) = (Environment.CpuUsage.TotalTime, emulator.ProcessorTime, Stopwatch.StartNew());

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var watching = WatchAsync(http, ended.Token);
        await ChangeAsync(world, began, cancel);
        for (var waited = Stopwatch.StartNew(); !_open.IsEmpty && waited.Elapsed < TimeLimit;)
        {
            await Task.Delay(Look, TimeProvider.System, cancel);
        }

        await ended.CancelAsync();
        await watching;
        Write(began.Elapsed, Environment.CpuUsage.TotalTime - cpu, emulator.ProcessorTime - theirs);
        figures.Write("events.emulated.rss", memory.Megabytes, "MB");
        await app.StopAsync(cancel);
        folder.Delete(recursive: true);
    }

    private static async Task PrepareAsync(HttpClient http, CancellationToken cancel)
    {
        foreach (var (path, body) in ((string, string)[])[
            ("/scans", """{"kind":"inventory","service":"s3"}"""), ("/policies/launch", $$"""{"policy_id":"{{Policy}}"}""")])
        {
            using var content = new StringContent(body);
            using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content, cancel);
            answer.EnsureSuccessStatusCode();
            while ((await RowsAsync(http, "/scans", "scans", cancel)).Any(s => s.GetProperty("finished_at").ValueKind == JsonValueKind.Null))
            {
                await Task.Delay(Look, TimeProvider.System, cancel);
            }
        }
    }

    private async Task ChangeAsync(ChangingBuckets world, Stopwatch began, CancellationToken cancel)
    {
        var names = world.Versioned.Keys.ToList();
        for (var n = 0; began.Elapsed < duration; n++)
        {
            var late = TimeSpan.FromSeconds(n / (double)perSecond) - began.Elapsed;
            await Task.Delay(late > TimeSpan.Zero ? late : TimeSpan.Zero, TimeProvider.System, cancel);
            var name = names[n % names.Count];
            if (_open.ContainsKey(name))
            {
                continue; // still not visible after a whole round, which is reported as a figure of its own
            }

            await world.SwitchVersioningAsync(name, cancel);
            _open[name] = new Change(name, !world.Versioned[name], Stopwatch.GetTimestamp());
            await world.TellAsync(ChangingBuckets.VersioningEvent, name, cancel);
        }
    }

    private void Received(EventMessage message)
    {
        var at = Stopwatch.GetTimestamp();
        var bucket = JsonElement.Parse(message.Body).GetProperty("detail").GetProperty("requestParameters").GetProperty("bucketName").GetString()!;
        if (_open.TryGetValue(bucket, out var change) && change.ReceivedAt == 0)
        {
            change.ReceivedAt = at;
        }
    }

    private async Task WatchAsync(HttpClient http, CancellationToken ended)
    {
        try
        {
            while (true)
            {
                var findings = await RowsAsync(http, $"/findings?policy={Policy}&state=ACTIVE&page_size=100", "findings", ended);
                var at = Stopwatch.GetTimestamp();
                var faulty = findings.Select(f => f.GetProperty("arn").GetString()!["arn:aws:s3:::".Length..]).ToHashSet();
                foreach (var change in _open.Values.Where(c => faulty.Contains(c.Bucket) == c.IsFaulty))
                {
                    change.VisibleAt = at;
                    _open.TryRemove(change.Bucket, out _);
                    _seen.Add(change);
                }

                await Task.Delay(Look, TimeProvider.System, ended);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // Everything was visible.
        }
    }

    private static async Task<List<JsonElement>> RowsAsync(HttpClient http, string path, string member, CancellationToken cancel) =>
        [.. JsonElement.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative), cancel)).GetProperty(member).EnumerateArray()];

    private void Write(TimeSpan elapsed, TimeSpan cpu, TimeSpan emulatorCpu)
    {
        List<double> lags = [.. _seen.Select(c => Milliseconds(c.SentAt, c.VisibleAt)).Order()];
        var inQueue = _seen.Sum(c => Milliseconds(c.SentAt, c.ReceivedAt));
        var inAws = _seen.Sum(c => _aws!.WaitedFor(c.Bucket, c.ReceivedAt, c.VisibleAt).TotalMilliseconds);
        figures.Write("events.emulated.seen", _seen.Count, "events");
        figures.Write("events.emulated.not_seen", _open.Count, "events");
        figures.Write("events.emulated.rate", _seen.Count / elapsed.TotalSeconds, "events/s");
        figures.Write("events.emulated.p50", lags[lags.Count / 2], "ms");
        figures.Write("events.emulated.p99", lags[(int)(lags.Count * 0.99)], "ms");
        figures.Write("events.emulated.in_sqs", inQueue / _seen.Count, "ms");
        figures.Write("events.emulated.in_s3", inAws / _seen.Count, "ms");
        figures.Write("events.emulated.emulator_share", (inQueue + inAws) / lags.Sum() * 100, "%");
        figures.Write("events.emulated.own_cpu", cpu.TotalSeconds, "s"); // including the client's
        figures.Write("events.emulated.emulator_cpu", emulatorCpu.TotalSeconds, "s");
    }

    private static double Milliseconds(long from, long to) => Math.Max(0, Stopwatch.GetElapsedTime(from, to).TotalMilliseconds);

    private sealed class Change(string bucket, bool isFaulty, long sentAt)
    {
        public string Bucket => bucket;

        /// <summary>The expected findings.</summary>
        public bool IsFaulty => isFaulty;

        public long SentAt => sentAt;

        public long ReceivedAt { get; set; }

        public long VisibleAt { get; set; }
    }
}
