namespace Qrie.Domain.Catalog;

/// <summary>Enumerates the steps of a type, including nested ones.</summary>
public static class SourceWalker
{
    /// <summary>Every operation that reading the type may call, each once.</summary>
    public static IReadOnlyList<ServiceOperation> Operations(ResourceTypeDefinition type)
    {
        var sources = type.Describe.Select(attribute => attribute.Source).ToList();
        sources.AddRange(new[] { type.List, type.One?.Source }.OfType<CatalogSource>());
        return [.. sources.SelectMany(Operations).Distinct()];
    }

    /// <summary>Every operation that a source may call.</summary>
    public static IEnumerable<ServiceOperation> Operations(CatalogSource source) => source switch
    {
        SourceChain chain => chain.Links.SelectMany(Operations),
        SourceStep step => step.Describe.SelectMany(attribute => Operations(attribute.Source)).Concat(step.Call is { } call ? [call] : []),
        _ => [],
    };
}
