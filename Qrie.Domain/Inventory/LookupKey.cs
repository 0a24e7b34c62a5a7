namespace Qrie.Domain.Inventory;

/// <param name="Key">The key expression, as written in the policy.</param>
/// <param name="Value">Null if it could not be read, so that the resource may match any lookup.</param>
public sealed record LookupKey(string Key, string? Value);

/// <summary>Computes the lookup keys of a resource.</summary>
public delegate IReadOnlyList<LookupKey> LookupKeyReader(CollectedResource resource);
