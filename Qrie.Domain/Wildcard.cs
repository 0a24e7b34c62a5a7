namespace Qrie.Domain;

/// <summary>Patterns in which <c>*</c> matches any text, as used for event names and error messages.</summary>
public static class Wildcard
{
    /// <param name="pattern">The pattern.</param>
    /// <param name="text">Must match as a whole.</param>
    /// <param name="anyOne">A character of the pattern that matches any single character; null if there is none.</param>
    public static bool Matches(string pattern, string text, char? anyOne = null)
    {
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = t;
            }
            else if (p < pattern.Length && (pattern[p] == text[t] || pattern[p] == anyOne))
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++mark;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).Trim('*').IsEmpty;
    }
}
