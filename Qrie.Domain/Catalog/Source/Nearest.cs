using Quickenshtein;

namespace Qrie.Domain.Catalog.Source;

/// <summary>Finds what an author probably meant.</summary>
public static class Nearest
{
    /// <summary>The known name that differs least; null when none is near.</summary>
    public static string? To(string written, IEnumerable<string> known)
    {
        var best = known.Select(name => (Name: name, Distance: Levenshtein.GetDistance(written.ToUpperInvariant(), name.ToUpperInvariant())))
            .OrderBy(candidate => candidate.Distance).ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        return best.Name is not null && best.Distance <= (written.Length < 4 ? 1 : Math.Max(2, written.Length / 3)) ? best.Name : null;
    }
}
