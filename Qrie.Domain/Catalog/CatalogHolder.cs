namespace Qrie.Domain.Catalog;

/// <summary>The catalog in use. A reload replaces it as a whole; work in progress continues with the previous one.</summary>
public sealed class CatalogHolder(ResourceCatalog initial) : ICatalog
{
    private volatile ResourceCatalog _current = initial;

    public ResourceCatalog Current => _current;

    /// <summary>Starts with a catalog that loaded without errors.</summary>
    public void Replace(ResourceCatalog catalog) => _current = catalog;

    /// <summary>Reloads the catalog; one with errors does not replace the current one.</summary>
    /// <returns>The errors; if there are none, the new catalog is in use.</returns>
    public IReadOnlyList<CatalogError> Reload(Func<ResourceCatalog> load)
    {
        try
        {
            Replace(load());
            return [];
        }
        catch (CatalogException wrong)
        {
            return wrong.Errors;
        }
    }
}
