using Quickenshtein;

namespace Qrie.JmesPath.Typing;

/// <summary>Finds the intended name for a misspelled one.</summary>
internal static class Similar
{
    private const int LongestCompared = 64;

    /// <summary>The most similar of the names; null if none is similar.</summary>
    public static string? To(string written, IEnumerable<string> names)
    {
        var nearest = Math.Max(1, written.Length / 3) + 1;
        string? best = null;
        foreach (var name in names)
        {
            if (Math.Abs(name.Length - written.Length) >= nearest || name.Length > LongestCompared)
            {
                continue;
            }

            var distance = string.Equals(name, written, StringComparison.OrdinalIgnoreCase) ? 0 : Levenshtein.GetDistance(written, name);
            if (distance < nearest)
            {
                (best, nearest) = (name, distance);
            }
        }

        return best;
    }
}
