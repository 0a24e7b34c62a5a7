namespace Qrie.Domain.Policies.Documents;

/// <summary>Resolves values with policy variables for a caller.</summary>
internal static class Variables
{
    /// <summary>
    /// The patterns of the values. Variables that the caller can choose match any text if the caller needs a match, and nothing otherwise.
    /// </summary>
    /// <returns>Also whether the result is certain, which is not the case for a variable that occurs twice or whose key is restricted.</returns>
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
