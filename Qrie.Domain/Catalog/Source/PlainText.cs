using System.Text.RegularExpressions;

namespace Qrie.Domain.Catalog.Source;

/// <summary>
/// How YAML interprets plain scalars, by YAML 1.1 and 1.2: other tools of an author may use either.
/// </summary>
internal static partial class PlainText
{
    /// <summary>Why a plain scalar is not safe as a string; null if it is.</summary>
    public static string? Danger(SourceScalar scalar) => scalar switch
    {
        { Form: not ScalarForm.Plain } => null,
        { Value: "" } => "nothing is written here, which YAML reads as null",
        { CutByComment: true } => "YAML cuts it at ' #'",
        { Folded: true } => "YAML folds its lines into one",
        _ when IsNull(scalar.Value) || IsBoolean(scalar.Value) || IsNumber(scalar.Value) || Timestamp().IsMatch(scalar.Value) =>
            $"YAML may read '{scalar.Value}' as something else than a text",
        _ => null,
    };

    public static bool IsNull(string value) => value is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>Includes the words that YAML 1.1 parsers read as booleans; y and n are in its specification, but no common parser accepts them.</summary>
    public static bool IsBoolean(string value) => Boolean().IsMatch(value);

    public static bool IsNumber(string value) => Number().IsMatch(value);

    [GeneratedRegex("^(true|false|yes|no|on|off)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Boolean();

    [GeneratedRegex(
        @"^[-+]?(\d[\d_]*(\.\d*)?([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?|0[xob][\da-fA-F_]+|\.(inf|Inf|INF)|\.(nan|NaN|NAN)|\d+(:\d\d)+)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"^\d{4}-\d\d?-\d\d?", RegexOptions.CultureInvariant)]
    private static partial Regex Timestamp();
}
