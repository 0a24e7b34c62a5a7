using System.Globalization;

namespace Qrie.Aws.Api.Protocol;

/// <summary>Times in AWS's wire formats and in responses.</summary>
internal static class WireTime
{
    public const string Iso8601 = "iso8601";
    public const string UnixTimestamp = "unixTimestamp";
    public const string Rfc822 = "rfc822";

    private static readonly double Earliest = DateTimeOffset.MinValue.ToUnixTimeSeconds();
    private static readonly double Latest = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>Reads ISO 8601, RFC 822 or seconds since 1970.</summary>
    /// <exception cref="FormatException">It is none of them.</exception>
    public static DateTimeOffset Parse(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            ? FromUnix(seconds)
            : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    /// <summary>
    /// Precise to the microsecond, half microseconds rounded as in botocore. For that the number must have been parsed as a double: a decimal that is converted
    /// to one is rounded twice.
    /// </summary>
    /// <exception cref="FormatException">It is not in the years 1 to 9999.</exception>
    public static DateTimeOffset FromUnix(double seconds)
    {
        if (!(seconds >= Earliest && seconds < Latest))
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{seconds} is not a time in seconds since 1970."));
        }

        var whole = Math.Truncate(seconds);
        return DateTimeOffset.UnixEpoch.AddTicks(
            ((long)whole * TimeSpan.TicksPerSecond) + ((long)Math.Round((seconds - whole) * 1e6) * TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>The form in requests.</summary>
    public static string Format(DateTimeOffset time, string format) => format switch
    {
        UnixTimestamp => ToUnix(time).ToString(CultureInfo.InvariantCulture),
        Rfc822 => time.UtcDateTime.ToString("r", CultureInfo.InvariantCulture),
        _ => time.UtcDateTime.ToString(time.Millisecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
    };

    public static decimal ToUnix(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000m;

    /// <summary>The form in responses, as in the AWS CLI.</summary>
    public static string ToResponse(DateTimeOffset time) => time.UtcDateTime.ToString(
        time.UtcTicks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss'+00:00'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'",
        CultureInfo.InvariantCulture);
}
