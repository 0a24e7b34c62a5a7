using System.Runtime.InteropServices;

namespace Qrie.JmesPath.Values;

/// <summary>A text as code points, the unit in which JMESPath counts characters.</summary>
internal readonly struct CodePoints
{
    private readonly string _text;

    /// <summary>The start of each code point, and the end; null if the text has no surrogates.</summary>
    private readonly List<int>? _starts;

    private CodePoints(string text, List<int>? starts)
    {
        _text = text;
        _starts = starts;
    }

    public int Count => _starts is null ? _text.Length : _starts.Count - 1;

    /// <summary>The code point at this index.</summary>
    public ReadOnlySpan<char> this[int index] => Span(index, index + 1);

    public static CodePoints Of(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return new(text, null);
        }

        var starts = new List<int>(text.Length + 1);
        for (var i = 0; i < text.Length; i++)
        {
            starts.Add(i);
            i += char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) ? 1 : 0;
        }

        starts.Add(text.Length);
        return new(text, starts);
    }

    public static int CountOf(string text)
    {
        var count = text.Length;
        for (var i = 1; i < text.Length; i++)
        {
            count -= char.IsLowSurrogate(text[i]) && char.IsHighSurrogate(text[i - 1]) ? 1 : 0;
        }

        return count;
    }

    /// <summary>The start of the code point at this index, in UTF-16 units.</summary>
    public int Utf16(int index) => _starts is null ? index : _starts[index];

    /// <summary>The index of the code point that begins at this UTF-16 unit.</summary>
    public int FromUtf16(int unit) => _starts is null ? unit : CollectionsMarshal.AsSpan(_starts).BinarySearch(unit);

    private ReadOnlySpan<char> Span(int from, int to) => _text.AsSpan(Utf16(from), Utf16(to) - Utf16(from));
}
