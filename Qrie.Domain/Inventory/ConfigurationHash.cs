using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Qrie.Domain.Inventory;

/// <summary>Detects changes of a resource: a hash of its configuration, <c>_unknown</c> and tags, without volatile paths.</summary>
public static class ConfigurationHash
{
    /// <summary>64 hexadecimal digits (SHA-256), independent of the order of keys and lists.</summary>
    /// <param name="configuration">The configuration, including <c>_unknown</c>.</param>
    /// <param name="volatilePaths">Excluded paths, such as <c>AccessKeys[].LastUsed</c>.</param>
    /// <param name="tags">Tags that are not part of the configuration; null for none.</param>
    public static string Of(JsonElement configuration, IReadOnlyList<string> volatilePaths, IReadOnlyDictionary<string, string>? tags = null)
    {
        var leftOut = volatilePaths.Count == 0 ? null : new PathTree(volatilePaths);
        var text = CanonicalJson.Write(configuration, leftOut);
        if (tags is { Count: > 0 })
        {
            text += "\n" + CanonicalJson.Write(JsonSerializer.SerializeToElement(tags));
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
