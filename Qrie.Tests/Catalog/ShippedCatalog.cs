using Qrie.Aws.Inventory;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Catalog;

/// <summary>The catalog of the repository, loaded once for all tests.</summary>
internal static class ShippedCatalog
{
    private static readonly Lazy<ResourceCatalog> _catalog = new(() => CatalogLoader.Load([Folder], Shapes));

    public static ModelShapes Shapes { get; } = new(EmulatedAws.Models, EmulatedAws.Reads);

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "catalog");

    public static ResourceCatalog Instance => _catalog.Value;
}
