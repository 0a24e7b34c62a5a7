using System.Security.Cryptography;
using System.Text;
using Qrie.Domain;

namespace Qrie.Dynamo.Items;

/// <summary>Texts of keys: several values as one text that sorts as they do, within the lengths that DynamoDB permits.</summary>
internal static class KeyText
{
    /// <summary>Sorts before every character that values contain.</summary>
    public const char Separator = '\n';

    private const int HashLength = 64;
    private const char ReplacedBy = '\u2028';

    /// <summary>The key of an id in an organization: plain in the organization <c>default</c>, as in the original system.</summary>
    public static string Scoped(string organization, string id) => organization == Organizations.Default ? id : $"{organization}/{id}";

    /// <summary>Inverts <see cref="Scoped"/>.</summary>
    public static string Unscoped(string organization, string key) => organization == Organizations.Default ? key : key[(organization.Length + 1)..];

    /// <summary>A compound key. Only the last value may contain line breaks.</summary>
    public static string Join(params ReadOnlySpan<string> values)
    {
        var text = new StringBuilder();
        for (var i = 0; i < values.Length; i++)
        {
            text.Append(i == values.Length - 1 ? values[i] : values[i].Replace(Separator, ReplacedBy));
            if (i < values.Length - 1)
            {
                text.Append(Separator);
            }
        }

        return text.ToString();
    }

    /// <summary>A time as text that sorts as it does.</summary>
    public static string Of(DateTimeOffset time) => Of(time.ToUnixTimeMilliseconds());

    /// <summary>A number that is not negative, as text that sorts as it does.</summary>
    public static string Of(long number) => number.ToString("D19", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A time as text that sorts the newest first.</summary>
    public static string Descending(DateTimeOffset time) => Of(long.MaxValue - time.ToUnixTimeMilliseconds());

    /// <summary>The text itself, or if it is too long, its beginning and its hash: different texts stay different, but the longest are not in order.</summary>
    public static string Fit(string text, int maxBytes)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes <= maxBytes)
        {
            return text;
        }

        var utf8 = Encoding.UTF8.GetBytes(text);
        var end = maxBytes - HashLength - 1;
        while ((utf8[end] & 0xC0) == 0x80)
        {
            end--; // never in the middle of a character
        }

        return $"{Encoding.UTF8.GetString(utf8, 0, end)}~{Convert.ToHexStringLower(SHA256.HashData(utf8))}";
    }
}
