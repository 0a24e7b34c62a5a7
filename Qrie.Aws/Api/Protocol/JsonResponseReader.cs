using System.Text.Json;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Redaction;

namespace Qrie.Aws.Api.Protocol;

/// <summary>Reads JSON bodies: keeps the members of the model, without nulls, and converts times to text.</summary>
internal readonly struct JsonResponseReader(Utf8JsonWriter writer, Redactor? redactor)
{
    /// <summary>The members of a structure; the reader is at its opening brace and ends at its closing one.</summary>
    public void ReadMembers(Shape shape, ref Utf8JsonReader reader, Secrecy secrecy)
    {
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndObject)
        {
            var member = shape.FindByWireName(reader.GetString()!);
            reader.Read();
            if (member is null || reader.TokenType is JsonTokenType.Null)
            {
                reader.Skip();
                continue;
            }

            writer.WritePropertyName(member.JsonName);
            var inside = secrecy.Enter(member);
            if (member.IsJsonText && reader.TokenType is JsonTokenType.String && !inside.IsSecret)
            {
                writer.WriteRawValue(reader.GetString()!);
            }
            else
            {
                ReadValue(member.Shape, ref reader, inside);
            }
        }
    }

    /// <summary>A value; the reader is at its first token and ends at its last one.</summary>
    public void ReadValue(Shape shape, ref Utf8JsonReader reader, Secrecy secrecy)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject when shape.Kind is ShapeKind.Structure:
                writer.WriteStartObject();
                ReadMembers(shape, ref reader, secrecy);
                writer.WriteEndObject();
                break;
            case JsonTokenType.StartObject when shape.Kind is ShapeKind.Map:
                writer.WriteStartObject();
                while (reader.Read() && reader.TokenType is not JsonTokenType.EndObject)
                {
                    var key = reader.GetString()!;
                    writer.WritePropertyName(key);
                    reader.Read();
                    ReadValue(shape.Element!, ref reader, secrecy.Enter(shape.Element!, key));
                }

                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray when shape.Kind is ShapeKind.List:
                writer.WriteStartArray();
                var inside = secrecy.Enter(shape.Element!);
                while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
                {
                    ReadValue(shape.Element!, ref reader, inside);
                }

                writer.WriteEndArray();
                break;
            case JsonTokenType.Null:
                writer.WriteNullValue();
                break;
            case var token when shape.Kind is ShapeKind.Structure or ShapeKind.List or ShapeKind.Map:
                throw new FormatException($"{shape} is {token}, but the service model says {shape.Kind}");
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                WriteDocument(JsonElement.ParseValue(ref reader), secrecy);
                break;
            default:
                ReadScalar(shape, ref reader, secrecy);
                break;
        }
    }

    private void ReadScalar(Shape shape, ref Utf8JsonReader reader, Secrecy secrecy)
    {
        if (secrecy.IsSecret)
        {
            redactor!.Write(writer, reader.TokenType is JsonTokenType.String ? reader.GetString()! : System.Text.Encoding.UTF8.GetString(reader.ValueSpan));
            return;
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.Number when shape.Kind is ShapeKind.Timestamp:
                writer.WriteStringValue(WireTime.ToResponse(WireTime.FromUnix(reader.GetDouble())));
                break;
            case JsonTokenType.String when shape.Kind is ShapeKind.Timestamp:
                writer.WriteStringValue(WireTime.ToResponse(WireTime.Parse(reader.GetString()!)));
                break;
            case JsonTokenType.Number:
                writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
            case JsonTokenType.String when reader.ValueIsEscaped:
                writer.WriteStringValue(reader.GetString());
                break;
            case JsonTokenType.String:
                writer.WriteStringValue(reader.ValueSpan);
                break;
            default:
                writer.WriteBooleanValue(reader.TokenType is JsonTokenType.True);
                break;
        }
    }

    /// <summary>JSON without a model keeps its shape; if it is secret, its leaves are redacted.</summary>
    private void WriteDocument(JsonElement value, Secrecy secrecy)
    {
        if (!secrecy.IsSecret)
        {
            value.WriteTo(writer);
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    WriteDocument(property.Value, secrecy);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    WriteDocument(item, secrecy);
                }

                writer.WriteEndArray();
                break;
            default:
                redactor!.Write(writer, value.ToString());
                break;
        }
    }
}
