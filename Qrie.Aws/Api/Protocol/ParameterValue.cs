using System.Text;
using System.Text.Json;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Api.Protocol;

/// <summary>Converts parameter values to text.</summary>
internal static class ParameterValue
{
    public static bool IsMissing(JsonElement value) => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>A scalar as text in query strings, headers, paths and XML.</summary>
    public static string Text(Shape shape, JsonElement value, string timeFormat) => shape.Kind switch
    {
        ShapeKind.Timestamp => WireTime.Format(Time(shape, value), shape.TimestampFormat ?? timeFormat),
        ShapeKind.Structure or ShapeKind.List or ShapeKind.Map => throw ParameterException.Wrong(shape, value),
        _ => Plain(shape, value),
    };

    public static DateTimeOffset Time(Shape shape, JsonElement value)
    {
        try
        {
            return WireTime.Parse(Plain(shape, value));
        }
        catch (FormatException)
        {
            throw new ParameterException(ParameterException.WrongType, $"{value} is not a timestamp");
        }
    }

    public static IEnumerable<JsonElement> Items(Shape shape, JsonElement value) =>
        value.ValueKind is JsonValueKind.Array ? value.EnumerateArray() : throw ParameterException.Wrong(shape, value);

    public static IEnumerable<JsonProperty> Entries(Shape shape, JsonElement value) =>
        value.ValueKind is JsonValueKind.Object ? value.EnumerateObject() : throw ParameterException.Wrong(shape, value);

    public static byte[] Bytes(Shape shape, JsonElement value) =>
        shape.Kind is ShapeKind.Blob
            ? value.TryGetBytesFromBase64(out var bytes) ? bytes : throw ParameterException.Wrong(shape, value)
            : Encoding.UTF8.GetBytes(Plain(shape, value));

    /// <summary>The given members of a structure; a name that is not in the model is an error in the catalog.</summary>
    public static IEnumerable<(ShapeMember Member, JsonElement Value)> Members(Shape shape, JsonElement value)
    {
        foreach (var property in Entries(shape, value))
        {
            var member = shape.FindMember(property.Name) ?? throw new AwsCallException($"{shape.Name} has no member {property.Name}");
            if (!IsMissing(property.Value))
            {
                yield return (member, property.Value);
            }
        }
    }

    private static string Plain(Shape shape, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => throw ParameterException.Wrong(shape, value),
    };
}
