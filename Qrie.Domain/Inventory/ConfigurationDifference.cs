using System.Text.Json;

namespace Qrie.Domain.Inventory;

/// <summary>What differs between two configurations of a resource, in the sense of <see cref="ConfigurationHash"/>.</summary>
public static class ConfigurationDifference
{
    private const string UnknownMember = "_unknown";

    /// <summary>
    /// Names of the attributes that differ, in order. Those that one of the two could not read are left out: nobody knows whether they changed.
    /// </summary>
    /// <param name="unknown">Attributes that could not be read before, or now.</param>
    /// <param name="volatilePaths">What changes by itself.</param>
    public static IReadOnlyList<string> Of(JsonElement before, JsonElement after, IEnumerable<string> unknown, IReadOnlyList<string> volatilePaths)
    {
        var leftOut = unknown.Select(TopOf).Append(UnknownMember).ToHashSet(StringComparer.Ordinal);
        var volatiles = new PathTree(volatilePaths);
        return
        [
            .. before.EnumerateObject().Concat(after.EnumerateObject())
                .Select(member => member.Name)
                .Distinct(StringComparer.Ordinal)
                .Where(name => !leftOut.Contains(name) && volatiles.Below(name) is not { IsEnd: true }
                    && Text(before, name, volatiles) != Text(after, name, volatiles))
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Null is as good as missing.</summary>
    private static string Text(JsonElement configuration, string name, PathTree volatiles) =>
        configuration.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? CanonicalJson.Write(value, volatiles.Below(name)) : "";

    /// <summary>The attribute that a path such as <c>Policy.Statement</c> begins with.</summary>
    private static string TopOf(string path) => path.Split('.', '[')[0];
}
