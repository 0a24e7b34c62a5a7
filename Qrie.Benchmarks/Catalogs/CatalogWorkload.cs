using System.Diagnostics;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Inventory;
using Qrie.Domain.Catalog.Loading;

namespace Qrie.Benchmarks.Catalogs;

/// <summary>Loading the shipped catalog, as compiled at build and with every check: the first time in a process, and again.</summary>
internal sealed class CatalogWorkload : IWorkload
{
    private const int Rounds = 60;

    public string Name => "catalog";

    public string Description => "loading and type checking the shipped catalog";

    public Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "catalog");
        if (args.Contains("--cold"))
        {
            // In a process of its own: what the run before compiled, with code that has not run yet.
            var cold = Stopwatch.StartNew();
            CatalogLoader.Load([folder], Shapes());
            figures.Write("catalog.load.cold", cold.Elapsed.TotalMilliseconds, "ms");
            return Task.FromResult(0);
        }

        CatalogLoader.Compile(folder, Shapes());
        foreach (var (name, checkAll) in ((string, bool)[])[("catalog.load", false), ("catalog.load.all-checks", true)])
        {
            var times = new List<double>();
            var start = Environment.CpuUsage.TotalTime;
            for (var round = 0; round < Rounds; round++)
            {
                var clock = Stopwatch.StartNew();
                var catalog = CatalogLoader.Load([folder], Shapes(), checkAll);
                times.Add(clock.Elapsed.TotalMilliseconds);
                if (round == 0 && !checkAll)
                {
                    figures.Write("catalog.policies", catalog.Policies.Count, "policies");
                    figures.Write("catalog.types", catalog.Services.Sum(s => s.Resources.Count), "types");
                }
            }

            figures.Write($"{name}.first", times[0], "ms");
            figures.Write(name, times.Order().ElementAt(Rounds / 2), "ms");
            figures.Write($"{name}.cpu", (Environment.CpuUsage.TotalTime - start).TotalMilliseconds / Rounds, "ms");
        }

        return Task.FromResult(0);
    }

    private static ModelShapes Shapes() => new(ModelCatalog.OpenShipped(null), ReadList.OpenShipped(null));
}
