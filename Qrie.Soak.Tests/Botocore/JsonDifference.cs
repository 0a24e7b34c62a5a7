using System.Globalization;
using System.Text.Json;

namespace Qrie.Soak.Tests.Botocore;

/// <summary>The differences of two JSON values; numbers are compared by value, and <c>+00:00</c> equals <c>Z</c>.</summary>
internal static class JsonDifference
{
    /// <summary>The paths with both values; empty if the values are equal.</summary>
    public static IEnumerable<string> Find(JsonElement expected, JsonElement actual, string path = "$")
    {
        if (expected.ValueKind is JsonValueKind.Object && actual.ValueKind is JsonValueKind.Object)
        {
            var names = expected.EnumerateObject().Select(p => p.Name).Union(actual.EnumerateObject().Select(p => p.Name));
            return names.SelectMany(name => (expected.TryGetProperty(name, out var e), actual.TryGetProperty(name, out var a)) switch
            {
                (true, true) => Find(e, a, $"{path}.{name}"),
                (true, false) => [$"{path}.{name}: missing, expected {Cut(e)}"],
                _ => [$"{path}.{name}: not expected: {Cut(a)}"],
            });
        }

        if (expected.ValueKind is JsonValueKind.Array && actual.ValueKind is JsonValueKind.Array)
        {
            return expected.GetArrayLength() == actual.GetArrayLength()
                ? expected.EnumerateArray().Zip(actual.EnumerateArray()).SelectMany((pair, i) => Find(pair.First, pair.Second, $"{path}[{i}]"))
                : [$"{path}: {actual.GetArrayLength()} items, expected {expected.GetArrayLength()}"];
        }

        return AreEqual(expected, actual) ? [] : [$"{path}: {Cut(actual)}, expected {Cut(expected)}"];
    }

    private static bool AreEqual(JsonElement expected, JsonElement actual) => (expected.ValueKind, actual.ValueKind) switch
    {
        (JsonValueKind.Number, JsonValueKind.Number) =>
            Math.Abs(expected.GetDouble() - actual.GetDouble()) <= 1e-9 * Math.Max(1, Math.Abs(expected.GetDouble())),
        (JsonValueKind.String, JsonValueKind.String) => expected.GetString() == actual.GetString() || AreEqualTimes(expected.GetString()!, actual.GetString()!),
        var (e, a) => e == a && expected.GetRawText() == actual.GetRawText(),
    };

    private static bool AreEqualTimes(string expected, string actual) =>
        expected.Length > 18 && expected[4] == '-' && expected.Contains('T', StringComparison.Ordinal)
        && DateTimeOffset.TryParse(expected, CultureInfo.InvariantCulture, out var e)
        && DateTimeOffset.TryParse(actual, CultureInfo.InvariantCulture, out var a)
        && e == a;

    private static string Cut(JsonElement value) => value.GetRawText() is { Length: > 120 } text ? text[..120] + "…" : value.GetRawText();
}
