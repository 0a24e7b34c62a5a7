using System.Globalization;
using System.Text.Json;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Redaction;

namespace Qrie.Aws.Api.Protocol;

/// <summary>Writes scalars that arrive as text, or their redacted form if they are secret.</summary>
internal readonly struct LeafWriter(Utf8JsonWriter writer, Redactor? redactor)
{
    public void WriteBytes(ReadOnlySpan<byte> bytes, Secrecy secrecy)
    {
        if (secrecy.IsSecret)
        {
            redactor!.Write(writer, Convert.ToBase64String(bytes));
        }
        else
        {
            writer.WriteBase64StringValue(bytes);
        }
    }

    /// <summary>A scalar of an XML body or a header.</summary>
    public void WriteText(Shape shape, string text, Secrecy secrecy)
    {
        if (secrecy.IsSecret)
        {
            redactor!.Write(writer, text);
            return;
        }

        switch (shape.Kind)
        {
            case ShapeKind.Boolean:
                writer.WriteBooleanValue(text is "true" or "True" or "TRUE" or "1");
                break;
            case ShapeKind.Integer when long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number):
                writer.WriteNumberValue(number);
                break;
            case ShapeKind.Decimal when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case ShapeKind.Timestamp:
                writer.WriteStringValue(WireTime.ToResponse(WireTime.Parse(text)));
                break;
            case ShapeKind.Policy:
                WritePolicy(text);
                break;
            default:
                writer.WriteStringValue(text);
                break;
        }
    }

    /// <summary>IAM sends its policy documents URL-encoded; boto3 and the AWS CLI show them as objects.</summary>
    private void WritePolicy(string text)
    {
        var decoded = Uri.UnescapeDataString(text);
        try
        {
            JsonElement.Parse(decoded).WriteTo(writer);
        }
        catch (JsonException)
        {
            writer.WriteStringValue(decoded);
        }
    }
}
