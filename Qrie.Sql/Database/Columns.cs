using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Qrie.Domain.Transfer;

namespace Qrie.Sql.Database;

/// <summary>The representation of values in columns.</summary>
internal static class Columns
{
    public static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    public static long? Ms(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds();

    public static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    public static DateTimeOffset? Time(long? ms) => ms is { } value ? Time(value) : null;

    /// <summary>The UTC day, <c>2026-11-21</c>.</summary>
    public static string Day(DateTimeOffset time) => Day(DateOnly.FromDateTime(time.UtcDateTime));

    /// <summary><c>2026-11-21</c>.</summary>
    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Null for null.</summary>
    public static DateOnly? DayOrNull(string? day) => day is null ? null : DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static string Name<T>(T value)
        where T : struct, Enum => Names<T>.Of[value];

    public static T Parse<T>(string name)
        where T : struct, Enum => Enum.Parse<T>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);

    public static T? ParseOrNull<T>(string? name)
        where T : struct, Enum => name is null ? null : Parse<T>(name);

    /// <summary>Cached: scans use them a million times.</summary>
    private static class Names<T>
        where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> Of =
            Enum.GetValues<T>().ToFrozenDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
    }

    public static string Json<T>(T value) => JsonSerializer.Serialize(value, TransferRow.Json);

    public static string? JsonOrNull<T>(T? value)
        where T : class => value is null ? null : Json(value);

    public static T FromJson<T>(string json) => JsonSerializer.Deserialize<T>(json, TransferRow.Json)!;

    public static T? FromJsonOrNull<T>(string? json)
        where T : class => json is null ? null : FromJson<T>(json);
}
