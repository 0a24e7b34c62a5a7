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
            var distance = string.Equals(name, written, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(written, name, nearest);
            if (distance < nearest)
            {
                (best, nearest) = (name, distance);
            }
        }

        return best;
    }

    /// <summary>Insertions, deletions and replacements between the two, or the limit when they are more.</summary>
    private static int Distance(string left, string right, int limit)
    {
        if (Math.Abs(left.Length - right.Length) >= limit || left.Length > LongestCompared || right.Length > LongestCompared)
        {
            return limit;
        }

        Span<int> row = stackalloc int[LongestCompared + 1];
        for (var j = 0; j <= right.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[right.Length];
    }
}
