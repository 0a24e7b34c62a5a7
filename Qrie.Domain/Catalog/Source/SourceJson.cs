using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Qrie.Domain.Catalog.Source;

/// <summary>Converts YAML values to JSON by the rules of YAML 1.2; what YAML 1.1 would read differently must be quoted.</summary>
internal static class SourceJson
{
    public static JsonElement Convert(SourceNode node, CatalogErrors errors)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(node, writer, errors);
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }

    private static void Write(SourceNode node, Utf8JsonWriter writer, CatalogErrors errors)
    {
        switch (node)
        {
            case SourceMap map:
                writer.WriteStartObject();
                foreach (var (key, value) in map.Entries)
                {
                    writer.WritePropertyName(key.Value);
                    Write(value, writer, errors);
                }

                writer.WriteEndObject();
                break;
            case SourceList list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                {
                    Write(item, writer, errors);
                }

                writer.WriteEndArray();
                break;
            case SourceScalar { Form: ScalarForm.Plain } plain:
                WritePlain(plain, writer, errors);
                break;
            case SourceScalar scalar:
                writer.WriteStringValue(scalar.Value);
                break;
            default:
                throw new InvalidOperationException($"{node.GetType().Name} is not a value.");
        }
    }

    private static void WritePlain(SourceScalar plain, Utf8JsonWriter writer, CatalogErrors errors)
    {
        var value = plain.Value;
        if (PlainText.IsNull(value))
        {
            writer.WriteNullValue();
        }
        else if (value is "true" or "false")
        {
            writer.WriteBooleanValue(value == "true");
        }
        else if (PlainText.IsNumber(value))
        {
            WriteNumber(plain, writer, errors);
        }
        else
        {
            if (PlainText.IsBoolean(value))
            {
                errors.Add(plain, $"'{value}' is a boolean for some YAML readers and a text for others.", "Write true or false, or quote the text.");
            }

            writer.WriteStringValue(value);
        }
    }

    private static void WriteNumber(SourceScalar plain, Utf8JsonWriter writer, CatalogErrors errors)
    {
        var digits = plain.Value.TrimStart('+', '-');
        var leadingZero = digits.Length > 1 && digits[0] == '0' && char.IsAsciiDigit(digits[1]);
        if (!leadingZero && long.TryParse(plain.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            writer.WriteNumberValue(whole);
        }
        else if (!leadingZero && decimal.TryParse(plain.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            errors.Add(plain, $"'{plain.Value}' is not a number that every YAML reader understands alike.", "Quote it if it is a text, such as an account id.");
            writer.WriteNullValue();
        }
    }
}
