using System.Text;
using Qrie.JmesPath.Values;

namespace Qrie.JmesPath.Functions.Standard;

/// <summary>Functions of text. Positions and lengths count code points.</summary>
internal static class TextFunctions
{
    public static JmesFunction StartsWith { get; } = new(
        "starts_with",
        [new("subject", JmesTypes.String), new("prefix", JmesTypes.String)],
        static (in call) => JmesValue.FromBoolean(call[0].GetString().StartsWith(call[1].GetString(), StringComparison.Ordinal)))
    {
        Result = Returns.Boolean,
    };

    public static JmesFunction EndsWith { get; } = new(
        "ends_with",
        [new("subject", JmesTypes.String), new("suffix", JmesTypes.String)],
        static (in call) => JmesValue.FromBoolean(call[0].GetString().EndsWith(call[1].GetString(), StringComparison.Ordinal)))
    {
        Result = Returns.Boolean,
    };

    public static JmesFunction FindFirst { get; } = Find("find_first", static (text, sought) => text.IndexOf(sought, StringComparison.Ordinal));

    public static JmesFunction FindLast { get; } = Find("find_last", static (text, sought) => text.LastIndexOf(sought, StringComparison.Ordinal));

    public static JmesFunction Lower { get; } = new(
        "lower",
        [new("subject", JmesTypes.String)],
        static (in call) => JmesValue.FromString(call[0].GetString().ToLowerInvariant()))
    {
        Result = Returns.String,
    };

    public static JmesFunction Upper { get; } = new(
        "upper",
        [new("subject", JmesTypes.String)],
        static (in call) => JmesValue.FromString(call[0].GetString().ToUpperInvariant()))
    {
        Result = Returns.String,
    };

    public static JmesFunction Replace { get; } = new(
        "replace",
        [new("subject", JmesTypes.String), new("old", JmesTypes.String), new("new", JmesTypes.String), new("count", JmesTypes.Number, Optional: true)],
        ReplaceSome)
    {
        Result = Returns.String,
    };

    public static JmesFunction Split { get; } = new(
        "split",
        [new("subject", JmesTypes.String), new("search", JmesTypes.String), new("count", JmesTypes.Number, Optional: true)],
        SplitText)
    {
        Result = Returns.ListOfStrings,
    };

    public static JmesFunction Join { get; } = new(
        "join",
        [new("glue", JmesTypes.String), new("strings", JmesTypes.StringArray)],
        JoinTexts)
    {
        Result = Returns.String,
    };

    public static JmesFunction Trim { get; } = Trimming("trim", left: true, right: true);

    public static JmesFunction TrimLeft { get; } = Trimming("trim_left", left: true, right: false);

    public static JmesFunction TrimRight { get; } = Trimming("trim_right", left: false, right: true);

    public static JmesFunction PadLeft { get; } = Padding("pad_left", static (text, padding) => padding + text);

    public static JmesFunction PadRight { get; } = Padding("pad_right", static (text, padding) => text + padding);

    public static JmesFunction ToText { get; } = new(
        "to_string",
        [new("arg", JmesTypes.Any)],
        static (in call) => call[0].Kind is JmesKind.String ? call[0] : Written(call))
    {
        Result = Returns.String,
    };

    public static IEnumerable<JmesFunction> All =>
    [
        StartsWith, EndsWith, FindFirst, FindLast, Lower, Upper, Replace, Split, Join,
        Trim, TrimLeft, TrimRight, PadLeft, PadRight, ToText,
    ];

    private static JmesFunction Find(string name, Func<string, string, int> find) => new(
        name,
        [
            new("subject", JmesTypes.String),
            new("sub", JmesTypes.String),
            new("start", JmesTypes.Number, Optional: true),
            new("end", JmesTypes.Number, Optional: true),
        ],
        (in call) =>
        {
            string text = call[0].GetString(), sought = call[1].GetString();
            call.Charge(text.Length);
            var points = CodePoints.Of(text);
            var start = call.Count > 2 ? Place(Numerals.Whole(call, 2), points.Count) : 0;
            var end = call.Count > 3 ? Place(Numerals.Whole(call, 3), points.Count) : points.Count;
            if (text.Length == 0 || sought.Length == 0 || start >= end)
            {
                return default;
            }

            var from = points.Utf16(start);
            var found = find(text[from..points.Utf16(end)], sought);
            return found < 0 ? default : JmesValue.FromNumber(points.FromUtf16(from + found));
        })
    {
        Result = Returns.NumberOrNull,
    };

    private static JmesFunction Trimming(string name, bool left, bool right) => new(
        name,
        [new("subject", JmesTypes.String), new("chars", JmesTypes.String, Optional: true)],
        (in call) =>
        {
            var text = call[0].GetString();
            var trimmed = call.Count > 1 ? call[1].GetString() : "";
            call.Charge(text.Length);
            int start = 0, end = text.Length;
            while (left && start < end && IsTrimmed(text, start, trimmed, out var length))
            {
                start += length;
            }

            while (right && end > start && IsTrimmed(text, LastStart(text, start, end), trimmed, out var length))
            {
                end -= length;
            }

            return JmesValue.FromString(text[start..end]);
        })
    {
        Result = Returns.String,
    };

    private static JmesFunction Padding(string name, Func<string, string, string> join) => new(
        name,
        [new("subject", JmesTypes.String), new("width", JmesTypes.Number), new("pad", JmesTypes.String, Optional: true)],
        (in call) =>
        {
            var text = call[0].GetString();
            var width = Numerals.Natural(call, 1);
            var pad = call.Count > 2 ? call[2].GetString() : " ";
            if (CodePoints.CountOf(pad) != 1)
            {
                throw call.InvalidValue(2, "It must be one character.");
            }

            var missing = width - CodePoints.CountOf(text);
            call.Reserve(Math.Max(0L, missing) * pad.Length);
            return JmesValue.FromString(missing <= 0 ? text : join(text, new StringBuilder().Insert(0, pad, missing).ToString()));
        })
    {
        Result = Returns.String,
    };

    private static JmesValue ReplaceSome(in FunctionCall call)
    {
        string text = call[0].GetString(), old = call[1].GetString(), replacement = call[2].GetString();
        var count = call.Count > 3 ? Numerals.Natural(call, 3) : int.MaxValue;
        call.Charge(text.Length);
        if (old.Length == 0)
        {
            throw call.InvalidValue(1, "It must not be empty.");
        }

        var result = new StringBuilder();
        var from = 0;
        for (var found = text.IndexOf(old, StringComparison.Ordinal);
             found >= 0 && count > 0;
             found = text.IndexOf(old, from, StringComparison.Ordinal), count--)
        {
            result.Append(text, from, found - from).Append(replacement);
            call.Reserve(result.Length);
            from = found + old.Length;
        }

        return from == 0 ? call[0] : JmesValue.FromString(result.Append(text, from, text.Length - from).ToString());
    }

    private static JmesValue SplitText(in FunctionCall call)
    {
        string text = call[0].GetString(), search = call[1].GetString();
        var count = call.Count > 2 ? Numerals.Natural(call, 2) : int.MaxValue;
        call.Charge(text.Length);
        var parts = new ArrayBuilder();
        if (search.Length == 0)
        {
            var points = CodePoints.Of(text);
            var single = (int)Math.Min(count, (long)points.Count);
            for (var i = 0; i < single; i++)
            {
                parts.Add(JmesValue.FromString(points[i].ToString()));
            }

            if (single < points.Count)
            {
                parts.Add(JmesValue.FromString(text[points.Utf16(single)..]));
            }

            return parts.ToValue();
        }

        var from = 0;
        for (; count > 0 && text.IndexOf(search, from, StringComparison.Ordinal) is >= 0 and var found; count--)
        {
            parts.Add(JmesValue.FromString(text[from..found]));
            from = found + search.Length;
        }

        parts.Add(JmesValue.FromString(text[from..]));
        return parts.ToValue();
    }

    private static JmesValue JoinTexts(in FunctionCall call)
    {
        var glue = call[0].GetString();
        var text = new StringBuilder();
        var first = true;
        foreach (var item in call[1].EnumerateArray())
        {
            text.Append(first ? "" : glue).Append(item.GetString());
            call.Reserve(text.Length);
            first = false;
        }

        return JmesValue.FromString(text.ToString());
    }

    private static JmesValue Written(in FunctionCall call)
    {
        call.Charge(call[0].Size / 8); // writing is cheap compared with evaluating
        return JmesValue.FromString(call[0].ToString());
    }

    /// <summary>A position, from the end if negative, limited to the text.</summary>
    private static int Place(int place, int length) => Math.Clamp(place < 0 ? place + length : place, 0, length);

    private static int LastStart(string text, int start, int end) =>
        end - start > 1 && char.IsSurrogatePair(text[end - 2], text[end - 1]) ? end - 2 : end - 1;

    private static bool IsTrimmed(string text, int at, string trimmed, out int length)
    {
        length = at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
        return trimmed.Length == 0
            ? char.IsWhiteSpace(text[at])
            : trimmed.AsSpan().IndexOf(text.AsSpan(at, length), StringComparison.Ordinal) >= 0;
    }
}
