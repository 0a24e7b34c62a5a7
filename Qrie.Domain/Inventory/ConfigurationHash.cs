using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Qrie.Domain.Inventory;

/// <summary>Tells whether a resource changed: over its configuration and <c>_unknown</c>, without what changes by itself.</summary>
public static class ConfigurationHash
{
    /// <summary>64 hexadecimal digits (SHA-256) that do not depend on the order of keys and lists.</summary>
    /// <param name="configuration">The configuration, <c>_unknown</c> included.</param>
    /// <param name="volatilePaths">Paths that are left out, <c>AccessKeys[].LastUsed</c>.</param>
    public static string Of(JsonElement configuration, IReadOnlyList<string> volatilePaths)
    {
        var leftOut = volatilePaths.Count == 0 ? null : new PathTree(volatilePaths);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalJson.Write(configuration, leftOut))));
    }
}
