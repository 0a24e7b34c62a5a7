using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Qrie.Benchmarks.Processes;

namespace Qrie.Benchmarks.Inventory;

/// <summary>
/// Inventories of an emulated account by the built service: the first, and one without changes. <c>--resources N</c> (default 5,000). The emulator is one
/// Python process and does most of the work, so its share is reported.
/// </summary>
internal sealed class InventoryWorkload : IWorkload
{
    public string Name => "inventory";

    public string Description =>
        "inventories of the emulator: --resources N (5000); needs moto_server. --latency MS: over a network "
        + "[--small] [--all | --services A,B] [--regions A,B] [--runs N] [--binary OTHER_BUILD] [--accounts N]";

    public async Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        if (args.Contains("--latency"))
        {
            return await new LatencyRun(LatencyOptions.Parse(args), figures).RunAsync(default);
        }

        var at = Array.IndexOf(args, "--resources");
        var wanted = at >= 0 ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : 5000;
        var folder = Directory.CreateTempSubdirectory("qrie-inventory-");
        try
        {
            await using var emulator = await EmulatorProcess.StartAsync(default);
            using var world = new EmulatedWorld(emulator.Url, new Random(1));
            for (var filled = 0; filled < wanted; filled += EmulatedWorld.ResourcesAFill)
            {
                await world.FillAsync(default);
            }

            await using var qrie = QrieProcess.Spawn(Path.Combine(folder.FullName, "qrie.db"), emulator.Url);
            await qrie.ReadyAsync(default);
            await MeasureAsync("inventory.first", qrie, emulator, figures);
            await MeasureAsync("inventory.unchanged", qrie, emulator, figures);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(string name, QrieProcess qrie, EmulatorProcess emulator, FigureWriter figures)
    {
        using var process = Process.GetProcessById(qrie.Id);
        var (own, theirs, clock) = (process.TotalProcessorTime, emulator.ProcessorTime, Stopwatch.StartNew());
        var (_, started) = await qrie.PostAsync("/scans", new { kind = "inventory" }, default);
        await qrie.FinishedScansAsync(default);
        var wall = clock.Elapsed.TotalSeconds;
        process.Refresh();
        var (_, scan) = await qrie.GetAsync($"/scans/{started.GetProperty("scan_id").GetString()}", default);
        var (resources, calls) = (Counter(scan, "resources_found"), Counter(scan, "calls"));
        figures.Write($"{name}.resources", resources, "resources");
        figures.Write(name, wall, "s");
        figures.Write($"{name}.calls", calls, "calls");
        figures.Write($"{name}.calls_per_resource", calls / Math.Max(1, resources), "calls");
        figures.Write($"{name}.own_cpu", (process.TotalProcessorTime - own).TotalSeconds, "s");
        figures.Write($"{name}.emulator_cpu", (emulator.ProcessorTime - theirs).TotalSeconds, "s");
        figures.Write($"{name}.emulator_share_of_wall", (emulator.ProcessorTime - theirs).TotalSeconds / wall * 100, "%");
        figures.Write($"{name}.rss", process.WorkingSet64 / 1e6, "MB");
    }

    private static double Counter(JsonElement scan, string name) =>
        scan.GetProperty("counters").TryGetProperty(name, out var value) ? value.GetDouble() : 0;
}
