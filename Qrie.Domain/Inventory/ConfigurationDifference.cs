using System.Text.Json;

namespace Qrie.Domain.Inventory;

/// <summary>The difference between two configurations, in the sense of <see cref="ConfigurationHash"/>.</summary>
public static class ConfigurationDifference
{
    private const string UnknownMember = "_unknown";

    /// <summary>
    /// The names of differing attributes, in order. Attributes that could not be read in either state are omitted: whether they changed is unknown.
    /// </summary>
    /// <param name="unknown">Attributes that could not be read in either state.</param>
    /// <param name="volatilePaths">Paths that change by themselves.</param>
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

    /// <summary>Null counts as missing.</summary>
    private static string Text(JsonElement configuration, string name, PathTree volatiles) =>
        configuration.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? CanonicalJson.Write(value, volatiles.Below(name)) : "";

    /// <summary>The attribute at the start of a path such as <c>Policy.Statement</c>.</summary>
    private static string TopOf(string path) => path.Split('.', '[')[0];
}
