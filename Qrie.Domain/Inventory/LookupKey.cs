using System.Text.Json;
using Qrie.JmesPath;

namespace Qrie.Domain.Inventory;

/// <param name="Key">The expression of the key, as the policy writes it.</param>
/// <param name="Value">Null: it could not be read, so that the resource may be what somebody looks for.</param>
public sealed record LookupKey(string Key, string? Value);
