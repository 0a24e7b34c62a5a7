using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Benchmarks.Scans;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Findings.Preview;
using Qrie.Domain.Inventory;

namespace Qrie.Benchmarks.Policies;

/// <summary>Previews of a policy over 50,000 resources of 2 KB in one account, the first of a process and later ones, and over 500 of them.</summary>
internal sealed class PreviewWorkload : IWorkload
{
    private const int Many = 50_000;
    private const int Few = 500;
    private const int WriteAtOnce = 1000;
    private const int RoundsOfMany = 5;
    private const int RoundsOfFew = 100;

    public string Name => "preview";

    public string Description => "previews of a policy over 50,000 and 500 resources";

    public async Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        var folder = Directory.CreateTempSubdirectory("qrie-preview-");
        try
        {
            await using var services = SyntheticServices.Open(Path.Combine(folder.FullName, "qrie.db"));
            await services.GetRequiredService<IInstallation>().PrepareAsync(default);
            await FillAsync(services, "alpha", Many);
            await FillAsync(services, "beta", Few);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            using var memory = new PeakMemory();

            var first = await MeasureAsync(services, "ALPHAVersioningBad", Many);
            figures.Write("preview.50k.first", first.Elapsed.TotalSeconds, "s");
            var many = await RepeatAsync(services, "ALPHAVersioningBad", Many, RoundsOfMany);
            figures.Write("preview.50k", Median(many.Select(r => r.Elapsed.TotalSeconds)), "s");
            figures.Write("preview.50k.cpu", Median(many.Select(r => r.Cpu.TotalSeconds)), "s");
            figures.Write("preview.rss", memory.Megabytes, "MB");
            var few = await RepeatAsync(services, "BETAVersioningBad", Few, RoundsOfFew);
            figures.Write("preview.500", Median(few.Select(r => r.Elapsed.TotalMilliseconds)), "ms p50");
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task FillAsync(ServiceProvider services, string service, int count)
    {
        var now = TimeProvider.System.GetUtcNow();
        var accountId = SyntheticResources.AccountId(0);
        await services.GetRequiredService<IAccountStore>().AddAsync(
            new Account { Organization = Organizations.Default, AccountId = accountId, CreatedAt = now, UpdatedAt = now }, default);
        foreach (var batch in Enumerable.Range(0, count).Select(i => SyntheticResources.Resource(accountId, service, i, now)).Chunk(WriteAtOnce))
        {
            await services.GetRequiredService<IResourceStore>().WriteAsync(Organizations.Default, batch, now, default);
        }
    }

    private static async Task<List<(TimeSpan Elapsed, TimeSpan Cpu)>> RepeatAsync(ServiceProvider services, string policyId, int resources, int rounds)
    {
        var measured = new List<(TimeSpan, TimeSpan)>();
        for (var i = 0; i < rounds; i++)
        {
            measured.Add(await MeasureAsync(services, policyId, resources));
        }

        return measured;
    }

    private static async Task<(TimeSpan Elapsed, TimeSpan Cpu)> MeasureAsync(ServiceProvider services, string policyId, int resources)
    {
        var (clock, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var preview = await services.GetRequiredService<PolicyPreview>().PreviewAsync(new PreviewRequest(Organizations.Default, policyId), default);
        return preview.Verdicts.Resources == resources && preview.WouldOpen > 0
            ? (clock.Elapsed, Environment.CpuUsage.TotalTime - cpu)
            : throw new InvalidOperationException($"{preview.Verdicts} of {resources} resources");
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
