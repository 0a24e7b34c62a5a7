using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>Times in test cases, relative to the test's clock: <c>{now-10d}</c>, <c>{now+3h}</c>, <c>{now-5m}</c>, <c>{now}</c>.</summary>
public static partial class RelativeTime
{
    /// <summary>The configuration with relative times replaced by ISO times.</summary>
    public static JsonElement Fill(JsonElement config, DateTimeOffset now)
    {
        var filled = Fill(JsonNode.Parse(config.GetRawText()), now);
        return JsonSerializer.SerializeToElement(filled);
    }

    /// <summary>A text that resembles a relative time but is invalid; null if there is none.</summary>
    internal static string? FindBroken(string text)
    {
        var rest = Place().Replace(text, "");
        var broken = Suspect().Match(rest);
        return broken.Success ? broken.Value : null;
    }

    private static JsonNode? Fill(JsonNode? node, DateTimeOffset now) => node switch
    {
        JsonObject map => new JsonObject(map.Select(entry => KeyValuePair.Create(entry.Key, Fill(entry.Value, now)))),
        JsonArray list => new JsonArray([.. list.Select(item => Fill(item, now))]),
        JsonValue value when value.TryGetValue<string>(out var text) => JsonValue.Create(Place().Replace(text, match => Time(match, now))),
        null => null,
        _ => node.DeepClone(),
    };

    private static string Time(Match match, DateTimeOffset now)
    {
        var amount = match.Groups["amount"];
        if (amount.Success)
        {
            var number = double.Parse(amount.Value, CultureInfo.InvariantCulture);
            now += match.Groups["unit"].Value switch
            {
                "d" => TimeSpan.FromDays(number),
                "h" => TimeSpan.FromHours(number),
                _ => TimeSpan.FromMinutes(number),
            };
        }

        return now.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"\{now((?<amount>[+-]\d+)(?<unit>[dhm]))?\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"\{\s*now[^}]*\}?")]
    private static partial Regex Suspect();
}
