using System.Globalization;
using Qrie.JmesPath.Functions;

namespace Qrie.Domain.Policies.Functions;

/// <summary>Parses times as AWS returns them: ISO 8601, always with an offset.</summary>
internal static class Times
{
    /// <summary>The variable that holds the evaluation time.</summary>
    public const string NowVariable = "now";

    public static DateTimeOffset Now(in FunctionCall call) => Parse(call.Variable(NowVariable).GetString())
        ?? throw new InvalidOperationException("$now is bound to something that is not a time.");

    /// <summary>Null if it is not a time.</summary>
    public static DateTimeOffset? Parse(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;

    public static string Format(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
