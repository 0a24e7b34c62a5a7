using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Api.Protocol;

/// <summary>Writes the bodies of json and rest-json requests.</summary>
internal static class JsonBodyWriter
{
    private static readonly JsonElement _empty = JsonElement.Parse("{}");

    public static byte[] Write(Shape? shape, JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            WriteValue(writer, shape ?? new Shape(ShapeKind.Structure), ParameterValue.IsMissing(value) ? _empty : value);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteValue(Utf8JsonWriter writer, Shape shape, JsonElement value)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Structure:
                writer.WriteStartObject();
                foreach (var (member, child) in ParameterValue.Members(shape, value))
                {
                    if (member.Location is MemberLocation.Body)
                    {
                        writer.WritePropertyName(member.WireName);
                        WriteMember(writer, member, child);
                    }
                }

                writer.WriteEndObject();
                break;
            case ShapeKind.List:
                writer.WriteStartArray();
                foreach (var item in ParameterValue.Items(shape, value))
                {
                    WriteValue(writer, shape.Element!, item);
                }

                writer.WriteEndArray();
                break;
            case ShapeKind.Map:
                writer.WriteStartObject();
                foreach (var entry in ParameterValue.Entries(shape, value))
                {
                    writer.WritePropertyName(entry.Name);
                    WriteValue(writer, shape.Element!, entry.Value);
                }

                writer.WriteEndObject();
                break;
            default:
                WriteScalar(writer, shape, value);
                break;
        }
    }

    private static void WriteMember(Utf8JsonWriter writer, ShapeMember member, JsonElement value)
    {
        if (member.IsJsonText)
        {
            writer.WriteStringValue(value.GetRawText());
        }
        else
        {
            WriteValue(writer, member.Shape, value);
        }
    }

    private static void WriteScalar(Utf8JsonWriter writer, Shape shape, JsonElement value)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Timestamp when shape.TimestampFormat is null or WireTime.UnixTimestamp:
                writer.WriteNumberValue(WireTime.ToUnix(ParameterValue.Time(shape, value)));
                break;
            case ShapeKind.Timestamp:
                writer.WriteStringValue(WireTime.Format(ParameterValue.Time(shape, value), shape.TimestampFormat));
                break;
            case ShapeKind.Integer or ShapeKind.Decimal when value.ValueKind is JsonValueKind.String:
                // An expression over string maps (attributes) returns numbers as text.
                writer.WriteNumberValue(decimal.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                    ? number
                    : throw ParameterException.Wrong(shape, value));
                break;
            case ShapeKind.String when value.ValueKind is JsonValueKind.Number:
                writer.WriteStringValue(value.GetRawText());
                break;
            case ShapeKind.String or ShapeKind.Blob when value.ValueKind is not JsonValueKind.String:
                throw ParameterException.Wrong(shape, value);
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
