using System.Text.Json;
using Qrie.JmesPath;

namespace Qrie.Domain.Inventory;

/// <param name="Key">The key expression, as written in the policy.</param>
/// <param name="Value">Null if it could not be read, so that the resource may match any lookup.</param>
public sealed record LookupKey(string Key, string? Value);
