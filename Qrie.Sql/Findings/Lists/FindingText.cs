using Qrie.Domain.Findings;

namespace Qrie.Sql.Findings.Lists;

/// <summary>The text of a filter. No index finds it, so a list reads the findings in its order, and a limited number for one page.</summary>
internal sealed class FindingText
{
    private readonly string _text;
    private readonly HashSet<string> _policies;

    private FindingText(string text, IReadOnlyList<string>? policies) =>
        (_text, _policies) = (Lower(text), new HashSet<string>(policies ?? [], StringComparer.Ordinal));

    public static FindingText? Of(FindingFilter filter) => filter.Text is null ? null : new FindingText(filter.Text, filter.TextPolicyIds);

    public bool Matches(FindingCursor place) => _policies.Contains(place.PolicyId) || Lower(place.Arn).Contains(_text, StringComparison.Ordinal);

    /// <summary>As lower() of SQLite does it: ASCII letters only.</summary>
    public static string Lower(string text) => string.Create(text.Length, text, static (chars, from) =>
    {
        for (var i = 0; i < chars.Length; i++)
        {
            chars[i] = char.IsAsciiLetterUpper(from[i]) ? (char)(from[i] | 0x20) : from[i];
        }
    });
}

/// <summary>How many findings a page may still read, and where it stopped.</summary>
internal sealed class SearchBudget
{
    private int _left = 8000;

    /// <summary>The last finding that was looked at; null: the list was not stopped.</summary>
    public FindingCursor? StoppedAt { get; private set; }

    /// <summary>Takes note of a finding that was looked at. False: it was the last one.</summary>
    public bool Take(FindingCursor place)
    {
        if (--_left > 0)
        {
            return true;
        }

        StoppedAt = place;
        return false;
    }
}
