using System.Globalization;
using System.Text.Json;

namespace Qrie.Ui.Shared;

/// <summary>How values are written.</summary>
internal static class Show
{
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Percent(long part, long whole) =>
        whole == 0 ? "–" : $"{Math.Floor(100.0 * part / whole).ToString(CultureInfo.InvariantCulture)} %";

    public static string Percent(double? value) => value is { } v ? $"{v.ToString("0.#", CultureInfo.InvariantCulture)} %" : "–";

    public static string Duration(long? milliseconds) => milliseconds switch
    {
        null => "–",
        < 1000 => $"{milliseconds} ms",
        < 60_000 => $"{(milliseconds.Value / 1000.0).ToString("0.0", CultureInfo.InvariantCulture)} s",
        < 3_600_000 => $"{milliseconds / 60_000} min {milliseconds / 1000 % 60} s",
        _ => $"{milliseconds / 3_600_000} h {milliseconds / 60_000 % 60} min",
    };

    public static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 60 } => "just now",
        { TotalMinutes: < 60 } => $"{(int)age.TotalMinutes} min ago",
        { TotalHours: < 48 } => $"{(int)age.TotalHours} h ago",
        _ => $"{(int)age.TotalDays} days ago",
    };

    /// <summary>critical, high, medium or low.</summary>
    public static string Band(int severity) => severity switch { >= 90 => "critical", >= 50 => "high", >= 25 => "medium", _ => "low" };

    /// <summary>"some_word" as "Some word".</summary>
    public static string Words(string? name) =>
        string.IsNullOrEmpty(name) ? "" : char.ToUpperInvariant(name[0]) + name[1..].Replace('_', ' ').Replace('-', ' ').ToLowerInvariant();

    /// <summary>"every day" as "Every day".</summary>
    public static string Sentence(string text) => text.Length == 0 ? "" : char.ToUpperInvariant(text[0]) + text[1..];

    public static string Json(JsonElement value) => JsonSerializer.Serialize(value, Api.ApiJson.Indented);

    /// <summary>The last part of an ARN, which people call the resource.</summary>
    public static string Name(string arn)
    {
        var parts = arn.Split(':', 6);
        return parts.Length == 6 ? parts[5] : arn;
    }

    public static string Account(string accountService) => accountService.Split('_', 2)[0];

    public static string Service(string accountService) => accountService.Split('_', 2) is [_, var service] ? service : accountService;
}
