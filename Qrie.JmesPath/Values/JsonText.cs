using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Qrie.JmesPath.Values;

/// <summary>JSON text of values, and values of JSON text.</summary>
internal static class JsonText
{
    // A built value cannot be deeper than the engine's own limit, a document only as deep as its reader let it be.
    private const int MaxDepth = 1_000_000;

    private static readonly JsonWriterOptions s_writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // to_string() gives the characters themselves
        MaxDepth = MaxDepth,
        SkipValidation = true,
    };

    private static readonly JsonDocumentOptions s_reading = new() { MaxDepth = MaxDepth };

    public static ArrayBufferWriter<byte> Utf8(in JmesValue value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, s_writing);
        Write(value, writer);
        writer.Flush();
        return buffer;
    }

    /// <exception cref="JsonException">The text is not one JSON value.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = s_reading.MaxDepth });
        using var document = JsonDocument.ParseValue(ref reader);
        if (reader.Read())
        {
            throw new JsonException("There is text after the JSON value.");
        }

        return document.RootElement.Clone();
    }

    public static void Write(in JmesValue value, Utf8JsonWriter writer)
    {
        if (value.IsElement)
        {
            value.Element.WriteTo(writer);
            return;
        }

        switch (value.Kind)
        {
            case JmesKind.Null:
                writer.WriteNullValue();
                break;
            case JmesKind.Boolean:
                writer.WriteBooleanValue(value.GetBoolean());
                break;
            case JmesKind.Number:
                writer.WriteNumberValue(value.GetNumber());
                break;
            case JmesKind.String:
                writer.WriteStringValue(value.GetString());
                break;
            case JmesKind.Array:
                writer.WriteStartArray();
                foreach (var item in ((JmesArray)value.Container!).Items)
                {
                    Write(item, writer);
                }

                writer.WriteEndArray();
                break;
            case JmesKind.Object:
                writer.WriteStartObject();
                foreach (var (name, member) in ((JmesObject)value.Container!).Members)
                {
                    writer.WritePropertyName(name);
                    Write(member, writer);
                }

                writer.WriteEndObject();
                break;
            default:
                throw new InvalidOperationException("An expression reference has no JSON text.");
        }
    }
}
