using System.Text;

namespace Qrie.Sql.Database;

/// <summary>A prefix as a range, which can use an index and has no wildcards. Databases compare text by code points.</summary>
internal static class TextPrefix
{
    private const int LastCodePoint = 0x10FFFF;
    private const int BeforeSurrogates = 0xD7FF;
    private const int AfterSurrogates = 0xE000;

    /// <summary>The first text after all texts with the prefix; null if there is none.</summary>
    public static string? End(string prefix)
    {
        var runes = prefix.EnumerateRunes().ToList();
        while (runes.Count > 0 && runes[^1].Value == LastCodePoint)
        {
            runes.RemoveAt(runes.Count - 1); // it cannot be incremented, so the code point before it must be
        }

        if (runes.Count == 0)
        {
            return null;
        }

        var last = runes[^1].Value;
        runes[^1] = new Rune(last == BeforeSurrogates ? AfterSurrogates : last + 1);
        return string.Concat(runes);
    }

    /// <summary>The condition that a column starts with it; <paramref name="name"/> and <c>{name}End</c> are its parameters.</summary>
    public static string Condition(string column, string? prefix, string name) =>
        string.IsNullOrEmpty(prefix) ? ""
        : End(prefix) is null ? $" AND {column} >= {name}"
        : $" AND {column} >= {name} AND {column} < {name}End";
}
