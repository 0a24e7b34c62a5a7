using System.Text;

namespace Qrie.Domain.Findings.Exceptions.Import;

/// <summary>
/// Translates a resource of a mutelist, a regular expression that is searched for in the resource's id, to patterns of ARNs. They may match less than the
/// expression, and more only where a note says so.
/// </summary>
internal static class ResourcePattern
{
    /// <summary>What precedes the resource in an ARN.</summary>
    private const string Front = "arn:*:*:*:*:";

    /// <summary>The patterns, with notes; null for all resources.</summary>
    /// <returns>No patterns: the expression cannot be translated.</returns>
    public static (IReadOnlyList<string?> Arns, string? Note) Of(string expression)
    {
        if (expression is "*" or ".*" or "" or "^.*$")
        {
            return ([null], null);
        }

        var (arns, note) = (new List<string?>(), (string?)null);
        foreach (var alternative in expression.Split('|'))
        {
            var (fromStart, toEnd) = (alternative.StartsWith('^'), alternative.EndsWith('$'));
            if (Text(alternative[(fromStart ? 1 : 0)..(toEnd ? ^1 : ^0)]) is not { Length: > 0 } text)
            {
                return ([], null);
            }

            var end = toEnd ? "" : "*";
            if (text.StartsWith("arn:", StringComparison.Ordinal))
            {
                arns.Add(text + end);
            }
            else if (fromStart)
            {
                // The id is what follows the last colon or slash; which of them depends on the type.
                arns.AddRange([$"{Front}{text}{end}", $"{Front}*:{text}{end}", $"{Front}*/{text}{end}"]);
            }
            else
            {
                arns.Add($"{Front}*{text}{end}");
                note = "The text is searched for in the whole last part of the ARN, not only in the id of the resource.";
            }
        }

        return (arns.Exists(arn => arn!.Contains("**", StringComparison.Ordinal)) ? [.. arns.Select(Shorten)] : arns, note);
    }

    private static string? Shorten(string? arn)
    {
        while (arn!.Contains("**", StringComparison.Ordinal))
        {
            arn = arn.Replace("**", "*", StringComparison.Ordinal);
        }

        return arn;
    }

    /// <summary>Literal text with <c>*</c> for any text; null if the expression has something else.</summary>
    private static string? Text(string expression)
    {
        var text = new StringBuilder();
        for (var i = 0; i < expression.Length; i++)
        {
            var c = expression[i];
            if (c == '\\' && i + 1 < expression.Length && !char.IsAsciiLetterOrDigit(expression[i + 1]))
            {
                text.Append(expression[++i]);
            }
            else if (c == '.' && i + 1 < expression.Length && expression[i + 1] is '*' or '+')
            {
                text.Append('*');
                i++;
            }
            else if (char.IsAsciiLetterOrDigit(c) || "-_:/.=@ *".Contains(c, StringComparison.Ordinal))
            {
                text.Append(c);
            }
            else
            {
                return null;
            }
        }

        return text.ToString();
    }
}
