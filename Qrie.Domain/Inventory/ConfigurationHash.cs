using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Qrie.Domain.Inventory;

/// <summary>Detects changes of a resource: a hash of its configuration and <c>_unknown</c>, without volatile paths.</summary>
public static class ConfigurationHash
{
    /// <summary>64 hexadecimal digits (SHA-256), independent of the order of keys and lists.</summary>
    /// <param name="configuration">The configuration, including <c>_unknown</c>.</param>
    /// <param name="volatilePaths">Excluded paths, such as <c>AccessKeys[].LastUsed</c>.</param>
    public static string Of(JsonElement configuration, IReadOnlyList<string> volatilePaths)
    {
        var leftOut = volatilePaths.Count == 0 ? null : new PathTree(volatilePaths);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalJson.Write(configuration, leftOut))));
    }
}
