using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;

namespace Qrie.Benchmarks.Scans;

/// <summary>
/// Policy scans of a store full of resources, with coordinator, units and workers as in the service: the first one, one without changes, and one after a single
/// change. <c>--resources N</c> (default 100,000), <c>--accounts N</c> (default 50), <c>--workers N</c> (default 4), <c>--store FILE</c> (created if it does
/// not exist; a copy is measured, so it stays unchanged), or <c>--postgres "Host=…;Database=…"</c>, an empty database that is filled. <c>--first quick</c>
/// measures the first scan with that level only. <c>--replicas N</c>: the processes that share the work on PostgreSQL, with so many workers each.
/// </summary>
internal sealed class ScanWorkload : IWorkload
{
    private const int WriteAtOnce = 1000;
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);
    private const string FilledStore = "--filled-store";
    private const string First = "--first";
    private const string Replicas = "--replicas";
    private const string Join = "--join";

    public string Name => "scan";

    public string Description =>
        "policy scans: --resources N [--accounts N] [--workers N] [--first quick] [--store FILE | --postgres CONNECTION [--replicas N]]";

    public async Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        var (count, accounts, workers) = (Option(args, "--resources", 100_000), Option(args, "--accounts", 50), Option(args, "--workers", 4));
        if (Array.IndexOf(args, FilledStore) is >= 0 and var at)
        {
            if (args.Contains(Join))
            {
                await JoinAsync(args[at + 1], workers);
                return 0;
            }

            var first = Array.IndexOf(args, First) is >= 0 and var level ? Enum.Parse<ScanLevel>(args[level + 1], ignoreCase: true) : (ScanLevel?)null;
            await MeasureAsync(args[at + 1], accounts, workers, first, figures);
            return 0;
        }

        var folder = Directory.CreateTempSubdirectory("qrie-scan-");
        try
        {
            var store = Array.IndexOf(args, "--postgres") is >= 0 and var server ? args[server + 1] : Path.Combine(folder.FullName, "qrie.db");
            var kept = Array.IndexOf(args, "--store") is >= 0 and var option ? args[option + 1] : null;
            if (kept is null || !File.Exists(kept))
            {
                await using var services = SyntheticServices.Open(kept ?? store);
                await PrepareAsync(services, new SyntheticResources(count, accounts, TimeProvider.System.GetUtcNow()), figures);
            }

            if (kept is not null)
            {
                File.Copy(kept, store);
            }

            var others = Enumerable.Range(1, Option(args, Replicas, 1) - 1).Select(_ => StartOwnProcess([.. args, FilledStore, store, Join])).ToList();
            try
            {
                using var measured = StartOwnProcess([.. args, FilledStore, store]);
                await measured.WaitForExitAsync();
                return measured.ExitCode;
            }
            finally
            {
                others.ForEach(other => other.Kill());
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A separate process, with the settings of the container and without the memory used for filling the store.</summary>
    private Process StartOwnProcess(string[] args)
    {
        var self = Environment.ProcessPath!;
        var start = new ProcessStartInfo(self);
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ScanWorkload).Assembly.Location);
        }

        foreach (var argument in (string[])[Name, .. args])
        {
            start.ArgumentList.Add(argument);
        }

        // As in the Dockerfile.
        start.Environment.TryAdd("DOTNET_GCgen0size", "0xA000000");
        return Process.Start(start)!;
    }

    /// <summary>Runs units as another replica, until it is killed.</summary>
    private static async Task JoinAsync(string store, int workers)
    {
        await using var services = SyntheticServices.Open(store);
        await services.GetRequiredService<IInstallation>().PrepareAsync(default);
        while (true)
        {
            await RunUnitsAsync(services, workers);
            await Task.Delay(s_poll, TimeProvider.System);
        }
    }

    private static async Task MeasureAsync(string store, int accounts, int workers, ScanLevel? first, FigureWriter figures)
    {
        await using var services = SyntheticServices.Open(store);
        await services.GetRequiredService<IInstallation>().PrepareAsync(default);
        using var memory = new PeakMemory();
        var (cpu, pauses, allocated) = (Environment.CpuUsage.TotalTime, GC.GetTotalPauseDuration(), GC.GetTotalAllocatedBytes());
        if (first is not null)
        {
            Report(figures, "scan.first_of_level", await ScanAsync(services, workers, first));
            return;
        }

        var full = await ScanAsync(services, workers);
        Report(figures, "scan.full", full);
        figures.Write("scan.full.cpu", (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, "s"); // hardly affected by other processes
        figures.Write("scan.full.gc_pauses", (GC.GetTotalPauseDuration() - pauses).TotalSeconds, "s");
        figures.Write("scan.full.gc_collections", GC.CollectionCount(0), "collections");
        figures.Write("scan.full.allocated", (GC.GetTotalAllocatedBytes() - allocated) / 1e6, "MB");
        figures.Write("scan.rss", memory.Megabytes, "MB");
        figures.Write("scan.full.findings", full.Scan.Counters[ScanCounters.FindingsCreated], "findings");
        figures.Write("scan.full.us_per_resource", full.Elapsed.TotalMicroseconds / Math.Max(1, full.Scan.Counters[ScanCounters.ProcessedResources]), "us");

        var unchanged = await ScanAsync(services, workers);
        Report(figures, "scan.unchanged", unchanged);
        figures.Write("scan.unchanged.evaluated", unchanged.Scan.Counters[ScanCounters.ResourcesEvaluated], "resources");

        Report(figures, "scan.quick.unchanged", await ScanAsync(services, workers, ScanLevel.Quick));

        await services.GetRequiredService<IResourceStore>().WriteAsync(
            Organizations.Default,
            [SyntheticResources.Resource(SyntheticResources.AccountId(accounts / 2), "beta", 1, TimeProvider.System.GetUtcNow(), revision: 1)],
            TimeProvider.System.GetUtcNow(), default);
        var one = await ScanAsync(services, workers);
        Report(figures, "scan.one_changed", one);
        figures.Write("scan.one_changed.evaluated", one.Scan.Counters[ScanCounters.ResourcesEvaluated], "resources");
        if (!SyntheticServices.IsServer(store))
        {
            figures.Write("scan.store", new FileInfo(store).Length / 1e6, "MB");
        }
    }

    private static async Task PrepareAsync(ServiceProvider services, SyntheticResources resources, FigureWriter figures)
    {
        await services.GetRequiredService<IInstallation>().PrepareAsync(default);
        var clock = Stopwatch.StartNew();
        foreach (var accountId in resources.Accounts)
        {
            var now = TimeProvider.System.GetUtcNow();
            await services.GetRequiredService<IAccountStore>().AddAsync(
                new Account { Organization = Organizations.Default, AccountId = accountId, CreatedAt = now, UpdatedAt = now }, default);
            foreach (var service in SyntheticCatalog.Services)
            {
                foreach (var batch in resources.Of(accountId, service).Chunk(WriteAtOnce))
                {
                    await services.GetRequiredService<IResourceStore>().WriteAsync(Organizations.Default, batch, now, default);
                }
            }
        }

        foreach (var policy in services.GetRequiredService<ICatalog>().Current.Policies)
        {
            var now = TimeProvider.System.GetUtcNow();
            var launched = new LaunchedPolicy
            {
                Organization = Organizations.Default,
                PolicyId = policy.Id,
                Status = PolicyStatus.Active,
                CreatedAt = now,
                UpdatedAt = now,
            };
            await services.GetRequiredService<IPolicyStore>().LaunchAsync(launched, default);
        }

        figures.Write("scan.fill", clock.Elapsed.TotalSeconds, "s");
    }

    private static async Task<(TimeSpan Elapsed, Scan Scan)> ScanAsync(ServiceProvider services, int workers, ScanLevel? level = null)
    {
        var clock = Stopwatch.StartNew();
        var scan = (await services.GetRequiredService<ScanCoordinator>().StartAsync(
            new ScanRequest(Organizations.Default, ScanKind.Policy, ScanType.Bootstrap, "manual", ScanFilter.Everything with { Level = level }), default))!;
        await RunUnitsAsync(services, workers);
        var scans = services.GetRequiredService<IScanStore>();
        while (true)
        {
            var state = (await scans.FindAsync(Organizations.Default, scan.ScanId, default))!;
            if (state.FinishedAt is not null)
            {
                return (clock.Elapsed, state);
            }

            await Task.Delay(s_poll, TimeProvider.System); // another replica runs the last units
        }
    }

    /// <summary>Runs units with several workers until there are none to claim.</summary>
    private static Task RunUnitsAsync(ServiceProvider services, int workers)
    {
        var runner = services.GetRequiredService<UnitRunner>();
        return Task.WhenAll(Enumerable.Range(0, workers).Select(n => Task.Run(async () =>
        {
            while (await runner.RunNextAsync($"{Environment.ProcessId} worker {n}", default))
            {
            }
        })));
    }

    private static void Report(FigureWriter figures, string name, (TimeSpan Elapsed, Scan Scan) run)
    {
        figures.Write(name, run.Elapsed.TotalSeconds, "s");
        if (run.Scan.Status != ScanStatus.Completed)
        {
            throw new InvalidOperationException($"{name} ended {run.Scan.Status}: {string.Join("; ", run.Scan.Errors)}");
        }
    }

    private static int Option(string[] args, string name, int standard)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1].Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) : standard;
    }
}
