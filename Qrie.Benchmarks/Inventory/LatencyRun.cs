using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Qrie.Benchmarks.Crash;
using Qrie.Benchmarks.Inventory.Proxy;
using Qrie.Benchmarks.Processes;
using Qrie.Domain.Catalog.Loading;

namespace Qrie.Benchmarks.Inventory;

/// <summary>
/// Inventories of an AWS whose answers take as long as they do over a network, by freshly started processes, with an empty store each; of two builds in turns,
/// whose stores must be equal.
/// </summary>
internal sealed class LatencyRun(LatencyOptions options, FigureWriter figures)
{
    private const string Recorded = "123456789012";
    private const int LargeFills = 4;
    private const int LargeSize = 30;
    private const int SmallSize = 4;
    private const int ShownDifferences = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(40);

    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("qrie-latency-");
        try
        {
            await using var emulator = await EmulatorProcess.StartAsync(cancel);
            await FillAsync(emulator.Url, cancel);
            await using var proxy = await ProxyProcess.StartAsync(emulator.Url, Recorded, cancel);
            await proxy.ResetAsync(TimeSpan.Zero, cancel);
            await MeasureAsync("inventory.first", null, 0, Path.Combine(folder.FullName, "first.db"), proxy, cancel);
            string?[] programs = options.Other is null ? [null] : [options.Other, null];
            var stores = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var run = 1; run <= options.Runs; run++)
            {
                foreach (var program in programs)
                {
                    var name = program is null ? "inventory" : "inventory.other";
                    stores[name] = Path.Combine(folder.FullName, $"{name}.{run}.db");
                    await proxy.ResetAsync(options.Latency, cancel);
                    await MeasureAsync(name, program, options.Accounts, stores[name], proxy, cancel);
                }
            }

            return options.Other is null ? 0 : await CompareAsync(stores["inventory.other"], stores["inventory"], cancel);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task FillAsync(Uri emulator, CancellationToken cancel)
    {
        using var world = new EmulatedWorld(emulator, new Random(1));
        for (var i = 0; i < (options.IsSmall ? 1 : LargeFills); i++)
        {
            await world.FillAsync(cancel);
        }

        foreach (var region in options.Regions.Take(2))
        {
            using var content = new RegionContent(emulator, region);
            await content.FillAsync(options.IsSmall ? SmallSize : LargeSize, cancel);
            await content.FillOthersAsync(options.IsSmall ? SmallSize : LargeSize, cancel);
        }
    }

    private async Task MeasureAsync(string name, string? program, int accounts, string store, ProxyProcess proxy, CancellationToken cancel)
    {
        string[] settings =
        [
            $"--Aws:Regions={string.Join(',', options.Regions)}", "--Aws:RetryDelay=00:00:00.250", "--Serilog:MinimumLevel:Default=Error", .. options.Settings,
        ];
        var (began, clock, proxyBefore) = (TimeProvider.System.GetUtcNow(), Stopwatch.StartNew(), proxy.ProcessorTime);
        await using var qrie = QrieProcess.Spawn(store, proxy.Url, settings, program: program);
        await qrie.ReadyAsync(cancel);
        var ready = clock.Elapsed;
        using var process = Process.GetProcessById(qrie.Id);
        await RegisterAsync(qrie, accounts, cancel);
        var registered = process.TotalProcessorTime;
        var scans = await ScanAsync(qrie, cancel);
        process.Refresh();
        var used = process.TotalProcessorTime;
        var calls = await ScannedCalls.ReadAsync(qrie, scans, cancel);
        var wall = scans.Max(s => s.GetProperty("finished_at").GetDateTimeOffset()) - (accounts > 0 ? began + ready : began);
        var counts = await proxy.CountsAsync(cancel);
        figures.Write($"{name}.resources", scans.Sum(s => Counter(s, "resources_found")), "resources");
        figures.Write($"{name}.wall", wall.TotalSeconds, "s");
        figures.Write($"{name}.ready", ready.TotalSeconds, "s");
        figures.Write($"{name}.calls", calls.Total, "calls");
        figures.Write($"{name}.requests", counts.Requests, "requests");
        figures.Write($"{name}.from_emulator", counts.Forwarded, "requests");
        figures.Write($"{name}.peak_in_flight", counts.PeakInFlight, "requests");
        figures.Write($"{name}.retries", scans.Sum(s => Counter(s, "call_retries")), "requests");
        figures.Write($"{name}.cpu", used.TotalSeconds, "s");
        figures.Write($"{name}.cpu_a_call", used.TotalMilliseconds / Math.Max(1, calls.Total), "ms");
        figures.Write($"{name}.cpu_of_start", registered.TotalSeconds, "s");
        figures.Write($"{name}.proxy_cpu", (proxy.ProcessorTime - proxyBefore).TotalSeconds, "s");
        figures.Write($"{name}.peak_memory", PeakMemoryOf(qrie.Id), "MB");
        WriteIdeal(name, calls, ready);
        if (accounts > 0)
        {
            WriteAccounts(name, calls, began + ready);
        }

        if (name == "inventory.first")
        {
            await calls.ShowAsync();
        }

        await qrie.StopAsync(cancel);
    }

    /// <summary>Ready, and then the longest chain of calls or the calls at the published rates, whichever takes longer.</summary>
    private void WriteIdeal(string name, ScannedCalls calls, TimeSpan ready)
    {
        var chain = LongestChain.Of(CatalogLoader.Load([Path.Combine(AppContext.BaseDirectory, "catalog")]), options.Services) * options.Latency;
        var rates = calls.AtPublishedRates();
        figures.Write($"{name}.ideal_chain", chain.TotalSeconds, "s");
        figures.Write($"{name}.ideal_rates", rates.TotalSeconds, "s");
        figures.Write($"{name}.ideal", (ready + (chain > rates ? chain : rates)).TotalSeconds, "s");
    }

    private void WriteAccounts(string name, ScannedCalls calls, DateTimeOffset began)
    {
        figures.Write($"{name}.first_account", (calls.Ends.Values.Min() - began).TotalSeconds, "s");
        figures.Write($"{name}.last_account", (calls.Ends.Values.Max() - began).TotalSeconds, "s");
    }

    /// <summary>The account of the credentials registers itself.</summary>
    private async Task RegisterAsync(QrieProcess qrie, int accounts, CancellationToken cancel)
    {
        for (var i = 1; i <= accounts; i++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{200_000_000_000 + i}");
            await qrie.PostAsync("/accounts", new { account_id = id, services = options.Services.Count > 0 ? options.Services : null }, cancel);
        }
    }

    private async Task<List<JsonElement>> ScanAsync(QrieProcess qrie, CancellationToken cancel)
    {
        foreach (var service in options.Services.Count == 0 ? [null] : options.Services.Select(s => (string?)s))
        {
            await qrie.PostAsync("/scans", new { kind = "inventory", service }, cancel);
        }

        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeLimit; await Task.Delay(Pause, TimeProvider.System, cancel))
        {
            var scans = await qrie.AllAsync("/scans", "scans", cancel);
            if (scans.TrueForAll(s => s.GetProperty("finished_at").ValueKind != JsonValueKind.Null))
            {
                return scans;
            }
        }

        throw new TimeoutException($"The scans did not end within {TimeLimit}:\n{string.Join('\n', qrie.Log)}");
    }

    private async Task<int> CompareAsync(string before, string after, CancellationToken cancel)
    {
        var facts = new List<SortedSet<string>>();
        foreach (var store in (string[])[before, after])
        {
            facts.Add(await StoreFile.FactsAsync(store, cancel));
        }

        var differences = facts[0].Except(facts[1]).Select(f => $"- {f}").Concat(facts[1].Except(facts[0]).Select(f => $"+ {f}")).ToList();
        figures.Write("inventory.facts", facts[1].Count, "facts");
        figures.Write("inventory.differences", differences.Count, "facts");
        foreach (var difference in differences.Take(ShownDifferences))
        {
            await Console.Error.WriteLineAsync(difference);
        }

        return differences.Count == 0 ? 0 : 1;
    }

    /// <summary>The largest resident memory of its lifetime; https://man7.org/linux/man-pages/man5/proc_pid_status.5.html</summary>
    private static double PeakMemoryOf(int process) =>
        double.Parse(
            File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture) * 1024 / 1e6;

    private static double Counter(JsonElement scan, string name) =>
        scan.GetProperty("counters").TryGetProperty(name, out var value) ? value.GetDouble() : 0;
}
