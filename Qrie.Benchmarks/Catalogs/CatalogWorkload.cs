using System.Diagnostics;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Inventory;
using Qrie.Domain.Catalog.Loading;

namespace Qrie.Benchmarks.Catalogs;

/// <summary>Loading the shipped catalog with type checks of every expression: the first time in a process, and again.</summary>
internal sealed class CatalogWorkload : IWorkload
{
    private const int Rounds = 60;

    public string Name => "catalog";

    public string Description => "loading and type checking the shipped catalog";

    public Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "catalog");
        var times = new List<double>();
        for (var round = 0; round <= Rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            var catalog = CatalogLoader.Load([folder], new ModelShapes(ModelCatalog.OpenShipped(null), ReadList.OpenShipped(null)));
            times.Add(clock.Elapsed.TotalMilliseconds);
            if (round == 0)
            {
                figures.Write("catalog.load.first", times[0], "ms");
                figures.Write("catalog.policies", catalog.Policies.Count, "policies");
                figures.Write("catalog.types", catalog.Services.Sum(s => s.Resources.Count), "types");
            }
        }

        figures.Write("catalog.load", times.Skip(1).Order().ElementAt(Rounds / 2), "ms");
        return Task.FromResult(0);
    }
}
