using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Qrie.Domain.Policies;
using Qrie.Domain.Work;
using Qrie.Dynamo.Findings;

namespace Qrie.Dynamo.Items;

/// <summary>Values as JSON, and enumerations as the names that clients see.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters =
        {
            new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower), new Milliseconds(), new RawElement(), new Counters(), new Evaluations(),
        },
    };

    public static string Of<T>(T value) => JsonSerializer.Serialize(value, s_options);

    public static T To<T>(string json) => JsonSerializer.Deserialize<T>(json, s_options)!;

    public static string Name<T>(T value)
        where T : struct, Enum => Names<T>.Of[value];

    public static T Parse<T>(string name)
        where T : struct, Enum => Names<T>.Values[name];

    private static class Names<T>
        where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> Of =
            Enum.GetValues<T>().ToFrozenDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

        public static readonly FrozenDictionary<string, T> Values = Of.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);
    }

    /// <summary>Times as in the attributes of items.</summary>
    private sealed class Milliseconds : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64());

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.ToUnixTimeMilliseconds());
    }

    /// <summary>The raw text: to write texts anew would fail at half a surrogate pair, which AWS may return.</summary>
    private sealed class RawElement : JsonConverter<JsonElement>
    {
        public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonElement.ParseValue(ref reader);

        public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) =>
            writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
    }

    /// <summary>As an array: without the names of its members, most resources with their verdicts have less than 1 KB, which is a write unit.</summary>
    private sealed class Evaluations : JsonConverter<StoredEvaluation>
    {
        public override StoredEvaluation Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var values = JsonElement.ParseValue(ref reader);
            return new StoredEvaluation(
                Time(values[0]), values[1].GetString()!, values[2].GetString()!, values[3].GetString()!, values[4].GetString()!,
                values[6].Deserialize<Dictionary<int, UnknownReason>?>(options), Time(values[5]));
        }

        public override void Write(Utf8JsonWriter writer, StoredEvaluation value, JsonSerializerOptions options)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(value.DescribeTime.ToUnixTimeMilliseconds());
            writer.WriteStringValue(value.Hash);
            writer.WriteStringValue(value.Fingerprint);
            writer.WriteStringValue(value.Policies);
            writer.WriteStringValue(value.Verdicts);
            writer.WriteNumberValue(value.EvaluatedAt.ToUnixTimeMilliseconds());
            JsonSerializer.Serialize(writer, value.Reasons, options);
            writer.WriteEndArray();
        }

        private static DateTimeOffset Time(JsonElement value) => DateTimeOffset.FromUnixTimeMilliseconds(value.GetInt64());
    }

    private sealed class Counters : JsonConverter<ScanCounters>
    {
        public override ScanCounters Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(JsonSerializer.Deserialize<Dictionary<string, long>>(ref reader, options)!);

        public override void Write(Utf8JsonWriter writer, ScanCounters value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Values, options);
    }
}
