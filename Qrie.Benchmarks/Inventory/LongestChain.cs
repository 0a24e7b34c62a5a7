using Qrie.Domain.Catalog;

namespace Qrie.Benchmarks.Inventory;

/// <summary>How many calls of a unit must follow each other, because each needs what the one before returned; of one page each.</summary>
internal static class LongestChain
{
    /// <param name="services">The services that are read; empty for all.</param>
    public static int Of(ResourceCatalog catalog, IReadOnlyCollection<string> services) => catalog.Services
        .Where(service => services.Count == 0 || services.Contains(service.Key))
        .SelectMany(service => service.Resources)
        .Max(type => (type.List is null ? 0 : Of(type.List)) + Of(type.Plan));

    private static int Of(CatalogSource source) => source switch
    {
        SourceStep step => (step.Call is null ? 0 : 1) + (step.DescribePlan is { } plan ? Of(plan) : 0),
        SourceChain chain => chain.Links.Sum(Of),
        _ => 0,
    };

    private static int Of(DescribePlan plan)
    {
        var depths = new int[plan.Attributes.Count];
        for (var i = 0; i < depths.Length; i++)
        {
            depths[i] = plan.Attributes[i].After.Select(before => depths[before]).DefaultIfEmpty().Max() + Of(plan.Attributes[i].Attribute.Source);
        }

        return depths.DefaultIfEmpty().Max();
    }
}
