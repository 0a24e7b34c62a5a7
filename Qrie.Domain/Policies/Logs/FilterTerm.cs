using System.Text.RegularExpressions;

namespace Qrie.Domain.Policies.Logs;

/// <summary>One condition of a filter pattern for JSON events, <c>$.eventName = "Delete*"</c>.</summary>
/// <param name="Selector">The member that it reads, <c>$.userIdentity.type</c>.</param>
/// <param name="Operator"><c>=</c>, <c>!=</c>, an order, <c>NOT EXISTS</c>, <c>EXISTS</c>, <c>IS NULL</c>, <c>IS TRUE</c>, <c>IS FALSE</c>.</param>
/// <param name="Value">The value without quotes; empty if the operator takes none.</param>
/// <param name="IsRegex">Written between percent signs.</param>
internal sealed record FilterTerm(string Selector, string Operator, string Value, bool IsRegex)
{
    /// <summary>Whether every event that satisfies this condition satisfies the other one. False if that is undecided.</summary>
    public bool Implies(FilterTerm other)
    {
        if (Selector != other.Selector)
        {
            return false;
        }

        return this == other || (Operator, other.Operator) switch
        {
            _ when IsRegex => other.Operator == "EXISTS",
            ("=", "=") => other.Takes(Value),
            ("=", "!=") => !Value.Contains('*') && !other.IsRegex && !other.Takes(Value),
            ("=", "EXISTS") => true,
            ("!=", "!=") => !other.IsRegex && Takes(other.Value),
            _ => false,
        };
    }

    /// <summary>Whether this value covers the other one, which may contain wildcards.</summary>
    private bool Takes(string value)
    {
        try
        {
            return IsRegex
                ? !value.Contains('*') && Regex.IsMatch(value, Value, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)
                : Wildcard.Matches(Value, value);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
