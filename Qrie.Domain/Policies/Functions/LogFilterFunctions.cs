using System.Collections.Concurrent;
using Qrie.Domain.Policies.Logs;
using Qrie.JmesPath;
using Qrie.JmesPath.Functions;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Policies.Functions;

/// <summary>Functions of metric filters.</summary>
internal static class LogFilterFunctions
{
    private const int MostPatterns = 10_000;
    private static readonly ConcurrentDictionary<string, FilterPattern?> _patterns = new();

    /// <summary>
    /// <c>filter_pattern_covers(patterns, required)</c>: whether one filter pattern, or several together, match every event that the required one matches.
    /// A text that is not a pattern for JSON events covers nothing, the empty pattern everything.
    /// </summary>
    public static JmesFunction Covers { get; } = new(
        "filter_pattern_covers",
        [new JmesParameter("patterns", JmesTypes.String | JmesTypes.Array | JmesTypes.Null), new JmesParameter("required", JmesTypes.String)],
        Evaluate)
    {
        Result = static _ => JmesType.Boolean,
    };

    private static JmesValue Evaluate(in FunctionCall call)
    {
        if (FilterPattern.TryParse(call[1].GetString(), out var problem) is not { } required)
        {
            throw call.InvalidValue(1, problem!);
        }

        JmesValue[] given = call[0].Kind is JmesKind.Array ? [.. call[0].EnumerateArray()] : [call[0]];
        var patterns = given.Where(p => p.Kind is JmesKind.String).Select(p => Parsed(p.GetString())).OfType<FilterPattern>().ToList();
        call.Charge(required.Alternatives.Count * (1L + patterns.Sum(p => p.Alternatives.Count)));
        if (required.IsCoveredBy(patterns))
        {
            return JmesValue.True;
        }

        // A pattern that was redacted because it resembles a secret may be the required one.
        return Array.Exists(given, p => p.Kind is not (JmesKind.String or JmesKind.Null))
            ? throw call.InvalidType(0, "a pattern is not text")
            : JmesValue.False;
    }

    private static FilterPattern? Parsed(string text)
    {
        if (_patterns.Count > MostPatterns)
        {
            _patterns.Clear();
        }

        return _patterns.GetOrAdd(text, static pattern => FilterPattern.TryParse(pattern, out _));
    }
}
