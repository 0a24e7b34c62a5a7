using Qrie.Domain.Catalog.Compiled;
using Qrie.Domain.Catalog.Source;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>What a catalog file defines; its folder decides.</summary>
public enum CatalogFileKind
{
    Service,
    Policy,

    /// <summary>Where CloudTrail's names differ from the API's.</summary>
    EventNames,

    Framework,
}

/// <summary>A catalog file in memory.</summary>
/// <param name="Path">For messages; the id of a policy or framework is its file name.</param>
/// <param name="Text">Its content.</param>
/// <param name="Kind">What it defines.</param>
public sealed record CatalogFile(string Path, string Text, CatalogFileKind Kind)
{
    /// <summary>Where the document is, if it was parsed and checked when this program was built; then <see cref="Text"/> is empty.</summary>
    internal CompiledCatalog? Compiled { get; init; }

    internal bool IsChecked => Compiled is not null;

    /// <summary>The document; null if the file is empty or is not YAML (which is then among the errors).</summary>
    internal SourceNode? Read(CatalogErrors errors) => Compiled is null ? SourceReader.Read(Path, Text, errors) : Compiled.Find(Path);

    /// <summary>What a checked policy leaves to be read later, its tests; null if the document is complete.</summary>
    internal Func<SourceMap>? Later => Compiled is null ? null : () => Compiled.FindTests(Path);
}

internal static class CatalogFiles
{
    private static readonly string[] Endings = [".yaml", ".yml"];

    /// <param name="folder">A folder of a catalog.</param>
    /// <param name="errors">Receives what cannot be read.</param>
    /// <param name="compiled">Documents that need not be read from their files; null for none.</param>
    public static IReadOnlyList<CatalogFile> Find(string folder, CatalogErrors errors, CompiledCatalog? compiled)
    {
        if (!Directory.Exists(folder))
        {
            errors.Add(folder, 0, 0, "The catalog folder does not exist.", "Check Catalog:Path.");
            return [];
        }

        return
        [
            .. One(folder, Path.Combine("aws", "events.yaml"), CatalogFileKind.EventNames, errors, compiled),
            .. Below(folder, "services", CatalogFileKind.Service, errors, compiled),
            .. Below(folder, "policies", CatalogFileKind.Policy, errors, compiled),
            .. Below(folder, "frameworks", CatalogFileKind.Framework, errors, compiled),
        ];
    }

    private static IEnumerable<CatalogFile> One(string folder, string name, CatalogFileKind kind, CatalogErrors errors, CompiledCatalog? compiled)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) && Read(folder, path, kind, errors, compiled) is { } file ? [file] : [];
    }

    private static IEnumerable<CatalogFile> Below(string folder, string name, CatalogFileKind kind, CatalogErrors errors, CompiledCatalog? compiled)
    {
        var below = Path.Combine(folder, name);
        return Directory.Exists(below)
            ? Directory.EnumerateFiles(below, "*", SearchOption.AllDirectories)
                .Where(path => Endings.Contains(Path.GetExtension(path)))
                .Order(StringComparer.Ordinal)
                .Select(path => Read(folder, path, kind, errors, compiled)).OfType<CatalogFile>()
            : [];
    }

    private static CatalogFile? Read(string folder, string path, CatalogFileKind kind, CatalogErrors errors, CompiledCatalog? compiled)
    {
        var shown = Shown(folder, path);
        if (compiled is not null)
        {
            return new CatalogFile(shown, "", kind) { Compiled = compiled };
        }

        return Text(path, shown, errors) is { } text ? new CatalogFile(shown, text, kind) : null;
    }

    /// <summary>The path as in the repository, independent of the working directory.</summary>
    private static string Shown(string folder, string path) =>
        Path.Combine(Path.GetFileName(folder.TrimEnd(Path.DirectorySeparatorChar)), Path.GetRelativePath(folder, path)).Replace('\\', '/');

    private static string? Text(string path, string shown, CatalogErrors errors)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            errors.Add(shown, 0, 0, $"The file cannot be read: {unreadable.Message}", "Check its permissions.");
            return null;
        }
    }
}
