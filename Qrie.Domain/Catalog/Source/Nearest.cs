using Quickenshtein;

namespace Qrie.Domain.Catalog.Source;

/// <summary>Suggests what an author probably meant.</summary>
public static class Nearest
{
    /// <summary>The most similar known name; null if none is similar.</summary>
    public static string? To(string written, IEnumerable<string> known)
    {
        var best = known.Select(name => (Name: name, Distance: Levenshtein.GetDistance(written.ToUpperInvariant(), name.ToUpperInvariant())))
            .OrderBy(candidate => candidate.Distance).ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        return best.Name is not null && best.Distance <= (written.Length < 4 ? 1 : Math.Max(2, written.Length / 3)) ? best.Name : null;
    }
}
