using Qrie.Domain.Catalog.Loading;

namespace Qrie.Domain.Catalog;

/// <summary>Keeps the catalog of some folders.</summary>
public sealed class CatalogHolder : ICatalog
{
    private CatalogHolder(ResourceCatalog current) => Current = current;

    public ResourceCatalog Current { get; }

    /// <exception cref="CatalogException">Something is wrong in the folders; the exception carries all of it.</exception>
    public static CatalogHolder Load(IReadOnlyList<string> folders) => new(CatalogLoader.Load(folders));
}
