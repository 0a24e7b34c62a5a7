using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Qrie.Benchmarks.Load;
using Qrie.Benchmarks.Processes;

namespace Qrie.Benchmarks.Observability;

/// <summary>
/// What metrics and traces cost: the processor time of two services with the demo, one that sends both by OTLP to a collector in this process and one that
/// sends nothing, under the same load in turn. Both run all the time, so that what else happens on the machine affects both.
/// <c>--rate N</c> requests per second (default 200), <c>--seconds N</c> for each run (default 15), <c>--rounds N</c> of one run each (default 6), after one
/// that does not count.
/// </summary>
internal sealed class TracingWorkload : IWorkload
{
    private const int Clients = 8;

    public string Name => "tracing";

    public string Description => "processor time with and without metrics and traces: [--rate N] [--seconds N] [--rounds N]";

    public async Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        var (rate, seconds, rounds) = (Number(args, "--rate", 200), Number(args, "--seconds", 15), Number(args, "--rounds", 6));
        var received = 0L;
        await using var collector = Collector(() => Interlocked.Increment(ref received));
        await collector.StartAsync();
        var folder = Directory.CreateTempSubdirectory("qrie-tracing-");
        try
        {
            await using var off = await StartAsync(folder, "off");
            await using var on = await StartAsync(folder, "on", $"--Telemetry:Otlp={collector.Urls.First()}");
            var spent = new List<(double Off, double On)>();
            for (var round = -1; round < rounds; round++)
            {
                // Whoever is first finds the other's pages in the caches of the processor: they take turns.
                var first = round % 2 == 0 ? off : on;
                var one = await MeasureAsync(first, rate, seconds);
                var other = await MeasureAsync(first == off ? on : off, rate, seconds);
                if (round >= 0)
                {
                    spent.Add(first == off ? (one, other) : (other, one));
                    await Console.Error.WriteLineAsync(string.Create(
                        CultureInfo.InvariantCulture, $"round {round + 1}: off {spent[^1].Off:0.000} ms, on {spent[^1].On:0.000} ms a request"));
                }
            }

            var (offMedian, onMedian) = (Median(spent.Select(s => s.Off)), Median(spent.Select(s => s.On)));
            figures.Write("tracing.off", offMedian, "ms/request");
            figures.Write("tracing.on", onMedian, "ms/request");
            figures.Write("tracing.more", 100 * ((onMedian / offMedian) - 1), "%");
            figures.Write("tracing.more.median_of_rounds", 100 * (Median(spent.Select(s => s.On / s.Off)) - 1), "%");
            figures.Write("tracing.batches", Interlocked.Read(ref received), "requests");
            return received > 0 ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Milliseconds of processor time per request.</summary>
    private static async Task<double> MeasureAsync(QrieProcess service, int rate, int seconds)
    {
        using var process = Process.GetProcessById(service.Id);
        var before = process.TotalProcessorTime;
        var result = await new ApiLoad(service.Http, rate, Clients) { Scans = false }.RunAsync(TimeSpan.FromSeconds(seconds), default);
        process.Refresh();
        return result.Problems.Count == 0 && result.Requests == rate * seconds
            ? (process.TotalProcessorTime - before).TotalMilliseconds / result.Requests
            : throw new InvalidOperationException($"{result.Requests} requests were answered: {string.Join('\n', result.Problems)}");
    }

    private static async Task<QrieProcess> StartAsync(DirectoryInfo folder, string name, params string[] settings)
    {
        var service = QrieProcess.Spawn(
            Path.Combine(folder.FullName, $"{name}.db"), new Uri("http://127.0.0.1:9"), ["--demo", "--Serilog:MinimumLevel:Default=Error", .. settings]);
        await service.ReadyAsync(default);
        for (var waited = Stopwatch.StartNew(); (await service.GetAsync("/health", default)).Status != System.Net.HttpStatusCode.OK;)
        {
            if (waited.Elapsed > TimeSpan.FromMinutes(3))
            {
                throw new TimeoutException($"The demo did not get ready:\n{string.Join('\n', service.Log)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }

        return service;
    }

    private static WebApplication Collector(Action received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            received();
        });
        return app;
    }

    private static double Median(IEnumerable<double> values)
    {
        var ordered = values.Order().ToList();
        return (ordered[(ordered.Count - 1) / 2] + ordered[ordered.Count / 2]) / 2;
    }

    private static int Number(string[] args, string name, int standard) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : standard;
}
