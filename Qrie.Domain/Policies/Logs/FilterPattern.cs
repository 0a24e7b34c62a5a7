namespace Qrie.Domain.Policies.Logs;

/// <summary>
/// A filter pattern of CloudWatch Logs for JSON events, as alternatives of which each is a set of conditions that must all be met
/// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html). Patterns are compared by their matches and not by their notation:
/// order, brackets, blanks and quotes do not matter.
/// </summary>
internal sealed class FilterPattern
{
    /// <summary>A usual pattern of the allowed 1,024 characters has far fewer; a pattern that expands to more is refused.</summary>
    private const int MostConditions = 20_000;

    private FilterPattern(IReadOnlyList<IReadOnlySet<FilterTerm>> alternatives) => Alternatives = alternatives;

    /// <summary>An empty set of conditions matches every event.</summary>
    public IReadOnlyList<IReadOnlySet<FilterTerm>> Alternatives { get; }

    /// <summary>Null if it is not a pattern for JSON events, or too large, with the reason in <paramref name="problem"/>.</summary>
    public static FilterPattern? TryParse(string text, out string? problem)
    {
        problem = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            return new FilterPattern([new HashSet<FilterTerm>()]);
        }

        try
        {
            return new FilterPattern(new FilterPatternReader(text, MostConditions).Read());
        }
        catch (FormatException e)
        {
            problem = e.Message;
            return null;
        }
    }

    /// <summary>Whether the patterns together match everything that this one matches.</summary>
    public bool IsCoveredBy(IEnumerable<FilterPattern> patterns)
    {
        var theirs = patterns.SelectMany(p => p.Alternatives).ToList();
        return Alternatives.All(mine => theirs.Exists(other => other.All(condition => mine.Any(term => term.Implies(condition)))));
    }
}
