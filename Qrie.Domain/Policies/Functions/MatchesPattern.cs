using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Qrie.JmesPath;
using Qrie.JmesPath.Functions;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Policies.Functions;

/// <summary>
/// <c>matches(text, pattern)</c>: whether the whole text matches a regular expression without look-around and back references, so that it takes linear time for
/// any input; false for null.
/// </summary>
internal static class MatchesPattern
{
    private const int MostPatterns = 1_000;
    private static readonly ConcurrentDictionary<string, Regex> _patterns = new();

    public static JmesFunction Function { get; } = new(
        "matches",
        [new JmesParameter("text", JmesTypes.String | JmesTypes.Null), new JmesParameter("pattern", JmesTypes.String)],
        Evaluate)
    {
        Result = static _ => JmesType.Boolean,
    };

    private static JmesValue Evaluate(in FunctionCall call)
    {
        if (call[0].IsNull)
        {
            return JmesValue.False;
        }

        try
        {
            return JmesValue.FromBoolean(Pattern(call[1].GetString()).IsMatch(call[0].GetString()));
        }
        catch (Exception wrong) when (wrong is ArgumentException or NotSupportedException)
        {
            throw call.InvalidValue(1, wrong.Message);
        }
    }

    private static Regex Pattern(string text)
    {
        if (_patterns.Count > MostPatterns)
        {
            // Patterns come from policies, of which there are few; a policy that builds them from data must not exhaust memory.
            _patterns.Clear();
        }

        return _patterns.GetOrAdd(text, static pattern => new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
    }
}
