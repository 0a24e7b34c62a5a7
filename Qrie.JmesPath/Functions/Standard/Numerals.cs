using System.Globalization;

namespace Qrie.JmesPath.Functions.Standard;

/// <summary>Numbers written as text, and numbers that must be whole.</summary>
internal static class Numerals
{
    /// <summary>The number in JSON notation; null for any other text and for numbers beyond the range of a double.</summary>
    public static JmesValue Parse(string text) =>
        IsJsonNumber(text)
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
            ? JmesValue.FromNumber(number)
            : default;

    /// <summary>A whole number as an int; beyond its range the nearest int, which is past the end of any text or list.</summary>
    public static int Whole(in FunctionCall call, int argument)
    {
        var number = call[argument].GetNumber();
        return Math.Floor(number) == number
            ? (int)Math.Clamp(number, int.MinValue, int.MaxValue)
            : throw call.InvalidValue(argument, "It must be a whole number.");
    }

    /// <summary>A whole number, not negative.</summary>
    public static int Natural(in FunctionCall call, int argument)
    {
        var number = Whole(call, argument);
        return number >= 0 ? number : throw call.InvalidValue(argument, "It must not be negative.");
    }

    private static bool IsJsonNumber(string text)
    {
        var at = text.StartsWith('-') ? 1 : 0;
        var digits = Digits(text, ref at);
        if (digits == 0 || (digits > 1 && text[at - digits] is '0'))
        {
            return false;
        }

        if (at < text.Length && text[at] is '.')
        {
            at++;
            if (Digits(text, ref at) == 0)
            {
                return false;
            }
        }

        if (at < text.Length && text[at] is 'e' or 'E')
        {
            at++;
            at += at < text.Length && text[at] is '+' or '-' ? 1 : 0;
            if (Digits(text, ref at) == 0)
            {
                return false;
            }
        }

        return at == text.Length;
    }

    private static int Digits(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return at - start;
    }
}
