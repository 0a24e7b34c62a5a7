using Qrie.Ui.Api;

namespace Qrie.Ui.Shared;

/// <summary>A policy's scope as it is edited: accounts are chosen, units and tags written line by line.</summary>
public sealed class EditedScope
{
    public HashSet<string> IncludeAccounts { get; } = new(StringComparer.Ordinal);

    public HashSet<string> ExcludeAccounts { get; } = new(StringComparer.Ordinal);

    public HashSet<string> IncludeOus { get; } = new(StringComparer.Ordinal);

    public HashSet<string> ExcludeOus { get; } = new(StringComparer.Ordinal);

    /// <summary>Lines of key=value.</summary>
    public string IncludeTags { get; set; } = "";

    public string ExcludeTags { get; set; } = "";

    public void Read(Scope? scope)
    {
        if (scope is null)
        {
            return;
        }

        IncludeAccounts.UnionWith(scope.IncludeAccounts);
        ExcludeAccounts.UnionWith(scope.ExcludeAccounts);
        IncludeOus.UnionWith(scope.IncludeOuPaths);
        ExcludeOus.UnionWith(scope.ExcludeOuPaths);
        (IncludeTags, ExcludeTags) = (Lines(scope.IncludeTags), Lines(scope.ExcludeTags));
    }

    public Scope ToScope() => new(
        [.. IncludeAccounts.Order(StringComparer.Ordinal)], [.. ExcludeAccounts.Order(StringComparer.Ordinal)], Tags(IncludeTags), Tags(ExcludeTags),
        [.. IncludeOus.Order(StringComparer.Ordinal)], [.. ExcludeOus.Order(StringComparer.Ordinal)]);

    private static string Lines(IReadOnlyDictionary<string, IReadOnlyList<string>> tags) =>
        string.Join('\n', tags.SelectMany(t => t.Value.Select(v => $"{t.Key}={v}")));

    private static Dictionary<string, IReadOnlyList<string>> Tags(string lines) => lines
        .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split('=', 2))
        .GroupBy(pair => pair[0].Trim(), StringComparer.Ordinal)
        .ToDictionary(g => g.Key, IReadOnlyList<string> (g) => [.. g.Select(pair => pair.Length > 1 ? pair[1].Trim() : "")]);
}
