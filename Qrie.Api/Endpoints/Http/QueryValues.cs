using System.Globalization;
using Qrie.Domain.Inventory;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Http;

/// <summary>Parses query parameters; invalid values are reported by field.</summary>
internal static class QueryValues
{
    private static readonly string[] s_times =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>true or false; false if missing.</summary>
    public static bool Flag(string? text, string field, FieldErrors errors)
    {
        errors.Require(text is null or "true" or "false", field, $"{field} must be true or false");
        return text == "true";
    }

    /// <summary>An instant, or the start of a day in UTC; an instant without a zone is UTC.</summary>
    public static DateTimeOffset? Time(string? text, string field, FieldErrors errors)
    {
        if (text is null)
        {
            return null;
        }

        // The plus sign of a zone is a space if the client did not encode it.
        if (DateTimeOffset.TryParseExact(text.Replace(' ', '+'), s_times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time;
        }

        errors.Add(field, $"{field} must be a date (2026-11-21) or an instant (2026-11-21T08:00:00Z) of ISO 8601");
        return null;
    }

    /// <summary><c>key:value</c>: only the first colon separates, so keys with a colon cannot be used.</summary>
    public static IReadOnlyList<ResourceTag>? Tags(string[]? texts, string field, FieldErrors errors)
    {
        if (texts is null or [])
        {
            return null;
        }

        var tags = new List<ResourceTag>();
        foreach (var text in texts)
        {
            if (text.IndexOf(':', StringComparison.Ordinal) is var colon and > 0)
            {
                tags.Add(new ResourceTag(text[..colon], text[(colon + 1)..]));
            }
            else
            {
                errors.Add(field, $"{field} must be key:value; repeat it for each further tag");
            }
        }

        return tags;
    }
}
