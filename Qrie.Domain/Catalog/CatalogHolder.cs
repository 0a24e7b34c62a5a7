namespace Qrie.Domain.Catalog;

/// <summary>The catalog in use. A reload replaces it as a whole; whoever works with the former one finishes with it.</summary>
public sealed class CatalogHolder(ResourceCatalog initial) : ICatalog
{
    private volatile ResourceCatalog _current = initial;

    public ResourceCatalog Current => _current;

    /// <summary>Takes a catalog that loaded without errors.</summary>
    public void Replace(ResourceCatalog catalog) => _current = catalog;
}
