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
public sealed record CatalogFile(string Path, string Text, CatalogFileKind Kind);

internal static class CatalogFiles
{
    private static readonly string[] Endings = [".yaml", ".yml"];

    public static IReadOnlyList<CatalogFile> Find(string folder, CatalogErrors errors)
    {
        if (!Directory.Exists(folder))
        {
            errors.Add(folder, 0, 0, "The catalog folder does not exist.", "Check Catalog:Path.");
            return [];
        }

        return
        [
            .. One(folder, Path.Combine("aws", "events.yaml"), CatalogFileKind.EventNames, errors),
            .. Below(folder, "services", CatalogFileKind.Service, errors),
            .. Below(folder, "policies", CatalogFileKind.Policy, errors),
            .. Below(folder, "frameworks", CatalogFileKind.Framework, errors),
        ];
    }

    private static IEnumerable<CatalogFile> One(string folder, string name, CatalogFileKind kind, CatalogErrors errors)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) && Text(path, Shown(folder, path), errors) is { } text ? [new CatalogFile(Shown(folder, path), text, kind)] : [];
    }

    private static IEnumerable<CatalogFile> Below(string folder, string name, CatalogFileKind kind, CatalogErrors errors)
    {
        var below = Path.Combine(folder, name);
        if (!Directory.Exists(below))
        {
            yield break;
        }

        foreach (var path in Directory.EnumerateFiles(below, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (!Endings.Contains(Path.GetExtension(path)))
            {
                continue;
            }

            if (Text(path, Shown(folder, path), errors) is { } text)
            {
                yield return new CatalogFile(Shown(folder, path), text, kind);
            }
        }
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
