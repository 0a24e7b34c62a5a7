namespace Qrie.Domain.Catalog;

public sealed class ResourceCatalog
{
    public required IReadOnlyDictionary<string, ServiceDefinition> Services { get; init; }
    public required IReadOnlyDictionary<string, PolicyDefinition> Policies { get; init; }
}
public enum CatalogScope { Global, Regional }
public sealed record ServiceDefinition(string Key, string Name, IReadOnlyList<ResourceTypeDefinition> Resources);
public sealed record ResourceTypeDefinition(string Type, CatalogScope Scope);
