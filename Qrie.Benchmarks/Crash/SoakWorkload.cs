using System.Globalization;
using Qrie.Benchmarks.Events;
using Qrie.Benchmarks.Load;

namespace Qrie.Benchmarks.Crash;

/// <summary>
/// Long tests: <c>soak crash</c> kills the service during scans, <c>soak event-kills</c> while it processes events (both need <c>moto_server</c>),
/// <c>soak events</c> processes many events for a long time, <c>soak event-latency</c> measures the time from a change in the emulator to the finding,
/// <c>soak api</c> sends many requests during scans.
/// </summary>
internal sealed class SoakWorkload : IWorkload
{
    private const int Usage = 2;
    private const int Clients = 8;

    public string Name => "soak";

    public string Description =>
        "soak crash | event-kills [--kills N] [--seed N] | events | event-latency | api [--rate N] [--seconds N]: kills at random times; long-running load";

    public async Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        switch (args)
        {
            case ["crash", ..]:
                return await CrashAsync(args, figures);
            case ["event-kills", ..]:
                return await EventKillsAsync(args, figures);
            case ["events", ..]:
                await new EventLoad(Option(args, "--rate", 500), TimeSpan.FromSeconds(Option(args, "--seconds", 600)), figures).RunAsync(default);
                return 0;
            case ["event-latency", ..]:
                await new EventLatency(Option(args, "--rate", 10), TimeSpan.FromSeconds(Option(args, "--seconds", 120)), figures).RunAsync(default);
                return 0;
            case ["api", ..]:
                return await ApiAsync(Option(args, "--rate", 200), TimeSpan.FromSeconds(Option(args, "--seconds", 600)), figures);
            default:
                await Console.Error.WriteLineAsync($"usage: {Description}");
                return Usage;
        }
    }

    private static async Task<int> ApiAsync(int rate, TimeSpan duration, FigureWriter figures)
    {
        await using var app = await InProcessService.StartDemoAsync(adjust: null, default);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        var early = await new ApiLoad(http, rate, Clients).RunAsync(duration / 5, default);
        var (before, heapBefore) = (Environment.WorkingSet, GC.GetTotalMemory(forceFullCollection: true));
        var result = await new ApiLoad(http, rate, Clients).RunAsync(duration * 4 / 5, default);
        figures.Write("api.load.requests", early.Requests + result.Requests, "requests");
        figures.Write("api.load.problems", early.Problems.Count + result.Problems.Count, "problems");
        figures.Write("api.load.scans", early.Scans + result.Scans, "scans");
        figures.Write("api.load.p50", result.At(0.5), "ms");
        figures.Write("api.load.p99", result.At(0.99), "ms");
        figures.Write("api.load.rss_after_a_fifth", before / 1e6, "MB");
        figures.Write("api.load.rss", Environment.WorkingSet / 1e6, "MB");
        figures.Write("api.load.heap_after_a_fifth", heapBefore / 1e6, "MB");
        figures.Write("api.load.heap", GC.GetTotalMemory(forceFullCollection: true) / 1e6, "MB");
        foreach (var problem in early.Problems.Concat(result.Problems))
        {
            await Console.Error.WriteLineAsync(problem);
        }

        await app.StopAsync();
        return early.Problems.Count + result.Problems.Count == 0 ? 0 : 1;
    }

    private static async Task<int> EventKillsAsync(string[] args, FigureWriter figures)
    {
        var kills = Option(args, "--kills", 50);
        var wrong = await new EventKillSoak(kills, Option(args, "--seed", Random.Shared.Next(1_000_000)), Console.Error).RunAsync(default);
        figures.Write("event_kills.kills", kills, "kills");
        figures.Write("event_kills.differences", wrong.Count, "differences");
        foreach (var line in wrong)
        {
            await Console.Error.WriteLineAsync(line);
        }

        return wrong.Count == 0 ? 0 : 1;
    }

    private static async Task<int> CrashAsync(string[] args, FigureWriter figures)
    {
        var report = await new CrashSoak(Option(args, "--kills", 200), Option(args, "--seed", Random.Shared.Next(1_000_000)), Console.Error).RunAsync(default);
        figures.Write("crash.kills", report.Kills, "kills");
        figures.Write("crash.kills_in_a_scan", report.KillsInScan, "kills");
        figures.Write("crash.kills_while_starting", report.KillsWhileStarting, "kills");
        figures.Write("crash.units_interrupted", report.UnitsInterrupted, "units");
        figures.Write("crash.restarts", report.Restarts, "restarts");
        figures.Write("crash.rounds", report.Rounds, "rounds");
        figures.Write("crash.scans_completed", report.Scans, "scans");
        figures.Write("crash.resources", report.Resources, "resources");
        figures.Write("crash.findings", report.Findings, "findings");
        figures.Write("crash.differences", report.Differences, "differences");
        figures.Write("crash.elapsed", report.Elapsed.TotalSeconds, "s");

        return report.Differences == 0 ? 0 : 1;
    }

    private static int Option(string[] args, string name, int standard) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : standard;
}
