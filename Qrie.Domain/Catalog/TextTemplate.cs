using Qrie.JmesPath;

namespace Qrie.Domain.Catalog;

/// <summary>A text with JMESPath expressions in braces: <c>arn:{$partition}:s3:::{Name}</c>.</summary>
public sealed class TextTemplate
{
    internal TextTemplate(string text, IReadOnlyList<Segment> segments)
    {
        Text = text;
        Segments = segments;
    }

    /// <summary>The original text.</summary>
    public string Text { get; }

    public IReadOnlyList<Segment> Segments { get; }

    /// <summary>Either a literal or an expression that must return a string or a number.</summary>
    public sealed record Segment(string? Literal, JmesPathExpression? Expression);

    /// <summary>Splits a template at its braces; an expression may contain braces and quotes of its own. Null if a brace is not closed.</summary>
    internal static IReadOnlyList<(string Text, bool IsExpression)>? Split(string text)
    {
        var segments = new List<(string, bool)>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '{')
            {
                continue;
            }

            if (i > start)
            {
                segments.Add((text[start..i], false));
            }

            var end = FindClosing(text, i);
            if (end < 0)
            {
                return null;
            }

            segments.Add((text[(i + 1)..end], true));
            start = end + 1;
            i = end;
        }

        if (start < text.Length)
        {
            segments.Add((text[start..], false));
        }

        return segments;
    }

    private static int FindClosing(string text, int open)
    {
        var depth = 0;
        char? quote = null;
        for (var i = open; i < text.Length; i++)
        {
            var c = text[i];
            if (quote is not null)
            {
                if (c == '\\')
                {
                    i++;
                }
                else if (c == quote)
                {
                    quote = null;
                }
            }
            else if (c is '\'' or '"' or '`')
            {
                quote = c;
            }
            else if (c == '{')
            {
                depth++;
            }
            else if (c == '}' && --depth == 0)
            {
                return i;
            }
        }

        return -1;
    }
}
