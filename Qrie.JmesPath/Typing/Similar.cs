using Quickenshtein;

namespace Qrie.JmesPath.Typing;

/// <summary>Finds the name that a misspelled one was meant to be.</summary>
internal static class Similar
{
    private const int LongestCompared = 64;

    /// <summary>The nearest of the names; null: none is near.</summary>
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
