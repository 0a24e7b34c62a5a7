using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Qrie.JmesPath.Values;

/// <summary>Conversion between values and JSON text.</summary>
internal static class JsonText
{
    // Built values are limited by the engine, documents by their reader.
    private const int MaxDepth = 1_000_000;

    private static readonly JsonWriterOptions s_writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // to_string() returns the characters themselves
        MaxDepth = MaxDepth,
        SkipValidation = true,
    };

    // Other escapes are matched too, so that an escaped backslash before a "u" is not mistaken for one.
    private static readonly Regex s_surrogates = new(
        @"\\(?<pair>uD[89AB][0-9A-F]{2}\\uD[C-F][0-9A-F]{2})|\\.", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);

    public static ArrayBufferWriter<byte> Utf8(in JmesValue value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, s_writing);
        Write(value, writer);
        writer.Flush();
        return buffer;
    }

    /// <summary>The text of a value without escapes, as far as JSON allows.</summary>
    public static string Text(in JmesValue value)
    {
        var text = Encoding.UTF8.GetString(Utf8(value).WrittenSpan);
        if (!text.Contains("\\uD8", StringComparison.Ordinal) && !text.Contains("\\uD9", StringComparison.Ordinal)
            && !text.Contains("\\uDA", StringComparison.Ordinal) && !text.Contains("\\uDB", StringComparison.Ordinal))
        {
            return text;
        }

        // The writer escapes characters beyond the basic plane.
        return s_surrogates.Replace(text, m => m.Groups["pair"] is { Success: true } pair
            ? $"{Unit(pair.ValueSpan[1..5])}{Unit(pair.ValueSpan[7..11])}"
            : m.Value);
    }

    /// <exception cref="JsonException">The text is not one JSON value.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
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

    private static char Unit(ReadOnlySpan<char> hex) => (char)ushort.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
