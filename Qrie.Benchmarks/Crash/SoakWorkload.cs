using System.Globalization;

namespace Qrie.Benchmarks.Crash;

/// <summary><c>soak crash</c>: kills the service again and again and compares what it ends with. <c>--kills N</c> (default 200), <c>--seed N</c>. Needs <c>moto_server</c>.</summary>
internal sealed class SoakWorkload : IWorkload
{
    private const int Usage = 2;

    public string Name => "soak";

    public string Description => "soak crash [--kills N] [--seed N]: killed at random moments, it ends as if it had not been";

    public async Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        if (args is not ["crash", ..])
        {
            await Console.Error.WriteLineAsync($"usage: {Description}");
            return Usage;
        }

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
