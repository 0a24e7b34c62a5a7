namespace Qrie.Domain.Policies.Documents;

/// <summary>Values with policy variables, for a caller.</summary>
internal static class Variables
{
    /// <summary>
    /// The patterns that the values stand for. What the caller can choose becomes any text where he wants a match, and nothing where he wants none.
    /// </summary>
    /// <returns>Also whether that is sure: a variable that occurs twice, or whose key has limits, is not.</returns>
    public static (IReadOnlyList<Glob> Patterns, bool IsSure) Resolve(
        Caller caller, IReadOnlyList<string> values, bool wantsMatch, Func<string, Glob> pattern)
    {
        var isSure = true;
        var patterns = new List<Glob>();
        foreach (var value in values)
        {
            var replaced = PolicyVariables.Replace(value, (key, standard) =>
            {
                var domain = caller.Domain(key);
                if (!domain.MayBePresent)
                {
                    return standard;
                }

                isSure &= domain.IsFree && caller.Document.OccursOnce(key);
                return wantsMatch ? "*" : null;
            });
            if (replaced is not null)
            {
                patterns.Add(pattern(replaced));
            }
        }

        return (patterns, isSure);
    }
}
