using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Qrie.Benchmarks.Load;

/// <summary>The result of a load test.</summary>
/// <param name="Requests">The number of responses.</param>
/// <param name="Scans">Scans that were started and ended during the test.</param>
/// <param name="Problems">The first responses other than 200 and requests without a response.</param>
/// <param name="Milliseconds">The duration of every request, sorted.</param>
internal sealed record LoadResult(int Requests, int Scans, IReadOnlyList<string> Problems, IReadOnlyList<double> Milliseconds)
{
    public double At(double share) => Milliseconds.Count == 0 ? 0 : Milliseconds[Math.Min(Milliseconds.Count - 1, (int)(Milliseconds.Count * share))];
}

/// <summary>Sends reads of every kind at a fixed rate, during consecutive scans.</summary>
/// <param name="http">The service.</param>
/// <param name="perSecond">Requests per second.</param>
/// <param name="clients">Concurrent requests.</param>
internal sealed class ApiLoad(HttpClient http, int perSecond, int clients)
{
    private const int ProblemsKept = 20;
    private static readonly TimeSpan ScanPause = TimeSpan.FromMilliseconds(200);

    private static readonly string[] _paths =
    [
        "/summary/dashboard", "/summary/findings", "/summary/resources", "/findings",
        "/findings?state=ACTIVE", "/findings?severity=critical", "/findings?service=s3&min_severity=50",
        "/resources", "/resources?type=AWS::S3::Bucket", "/policies", "/policies?status=active",
        "/accounts", "/services", "/coverage", "/scans", "/scans/trends?kind=policy", "/schedules", "/drift",
        "/events/health", "/health", "/version",
    ];

    private readonly ConcurrentQueue<string> _problems = new();
    private readonly ConcurrentBag<double> _milliseconds = [];

    /// <summary>Whether scans run meanwhile, one after the other: as many as the machine can do, so not for what is compared.</summary>
    public bool Scans { get; init; } = true;

    public async Task<LoadResult> RunAsync(TimeSpan duration, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var scanning = Scans ? ScanAsync(stop.Token) : Task.FromResult(0);
        var clock = Stopwatch.StartNew();
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                var number = Interlocked.Increment(ref next);
                var due = TimeSpan.FromSeconds((double)number / perSecond);
                if (due >= duration)
                {
                    return;
                }

                if (due - clock.Elapsed is { Ticks: > 0 } early)
                {
                    await Task.Delay(early, TimeProvider.System, cancel);
                }

                await GetAsync(_paths[number % _paths.Length], cancel);
            }
        })));
        await stop.CancelAsync();
        return new LoadResult(_milliseconds.Count, await scanning, [.. _problems], [.. _milliseconds.Order()]);
    }

    private async Task GetAsync(string path, CancellationToken cancel)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), cancel);
            await answer.Content.ReadAsByteArrayAsync(cancel);
            _milliseconds.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            if (!answer.IsSuccessStatusCode)
            {
                Keep($"{path}: {(int)answer.StatusCode}");
            }
        }
        catch (HttpRequestException e)
        {
            Keep($"{path}: {e.Message}");
        }
    }

    /// <summary>Returns the number of scans that ended.</summary>
    private async Task<int> ScanAsync(CancellationToken stop)
    {
        var ended = 0;
        try
        {
            for (var number = 0; ; number++)
            {
                using var body = new StringContent(
                    JsonSerializer.Serialize(new { kind = number % 2 == 0 ? "inventory" : "policy" }),
                    Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
                using var started = await http.PostAsync(new Uri("/scans", UriKind.Relative), body, stop);
                var scanId = JsonElement.Parse(await started.Content.ReadAsStringAsync(stop)).GetProperty("scan_id").GetString();
                while (true)
                {
                    await Task.Delay(ScanPause, TimeProvider.System, stop);
                    var scan = JsonElement.Parse(await http.GetStringAsync(new Uri($"/scans/{scanId}", UriKind.Relative), stop));
                    if (scan.GetProperty("finished_at").ValueKind != JsonValueKind.Null)
                    {
                        if (scan.GetProperty("status").GetString() != "completed")
                        {
                            Keep($"scan {scanId}: {scan.GetProperty("status")}");
                        }

                        break;
                    }
                }

                ended++;
            }
        }
        catch (OperationCanceledException)
        {
            return ended;
        }
    }

    private void Keep(string problem)
    {
        if (_problems.Count < ProblemsKept)
        {
            _problems.Enqueue(problem);
        }
    }
}
