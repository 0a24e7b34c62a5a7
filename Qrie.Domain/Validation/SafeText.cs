using System.Buffers;
using System.Globalization;

namespace Qrie.Domain.Validation;

/// <summary>
/// Texts that people see: names, descriptions, what came in messages. Characters that control a terminal, or that make a text look like another one by turning
/// the direction of writing (https://www.unicode.org/reports/tr36/, bidirectional text spoofing), have no place in them.
/// </summary>
public static class SafeText
{
    /// <summary>The most that is shown of a text which came in a message.</summary>
    public const int Longest = 256;

    private const char Replacement = '\uFFFD';
    private const string LineBreaks = "\r\n\t";

    /// <summary>Embeddings, overrides and isolates; and the separators that break lines.</summary>
    private static readonly SearchValues<char> s_refused =
        SearchValues.Create("\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069\u2028\u2029");

    /// <param name="lines">Whether line breaks and tabs may be in it.</param>
    public static bool IsSafe(string text, bool lines = false)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (IsRefused(text, i) && !(lines && LineBreaks.Contains(text[i], StringComparison.Ordinal)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The text with U+FFFD for every character that has no place in it, cut to <see cref="Longest"/> characters with a mark.</summary>
    public static string Clean(string text)
    {
        var length = Math.Min(text.Length, Longest);
        var clean = string.Create(length, text, static (span, whole) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = IsRefused(whole, i) ? Replacement : whole[i];
            }

            if (span.Length < whole.Length && span.Length > 0)
            {
                span[^1] = '…';
                if (span.Length > 1 && char.IsHighSurrogate(span[^2]))
                {
                    span[^2] = Replacement;
                }
            }
        });
        return clean;
    }

    /// <summary>Notes a text that is not safe.</summary>
    /// <param name="text">Null: there is none.</param>
    /// <param name="lines">Whether line breaks and tabs may be in it.</param>
    public static void RequireSafe(this FieldErrors errors, string? text, string field, bool lines = false) => errors.Require(
        text is null || IsSafe(text, lines), field,
        $"{field} must have no control characters{(lines ? " but line breaks and tabs" : "")} and none that turn the direction of writing "
        + "(U+202A to U+202E, U+2066 to U+2069).");

    private static bool IsRefused(string text, int i) =>
        char.IsControl(text[i]) || s_refused.Contains(text[i])
        || (char.IsSurrogate(text[i]) && CharUnicodeInfo.GetUnicodeCategory(text, PairStart(text, i)) is UnicodeCategory.Surrogate);

    /// <summary>Where the pair begins that a surrogate is a half of; its own place if it is alone.</summary>
    private static int PairStart(string text, int i) => char.IsLowSurrogate(text[i]) && i > 0 && char.IsHighSurrogate(text[i - 1]) ? i - 1 : i;
}
