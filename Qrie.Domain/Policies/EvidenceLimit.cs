using System.Buffers;
using System.Text;
using System.Text.Json;
using Qrie.JmesPath;

namespace Qrie.Domain.Policies;

/// <summary>Limits evidence to 4 KB: longer evidence is truncated and marked with <c>_truncated</c>.</summary>
internal static class EvidenceLimit
{
    public const int MaxBytes = 4096;

    /// <summary>Set to true on truncated evidence.</summary>
    public const string Mark = "_truncated";

    private static readonly (int Items, int Characters)[] _steps = [(100, 1000), (50, 500), (20, 200), (10, 100), (5, 50), (2, 20), (0, 8)];

    public static JsonElement Apply(JmesValue evidence)
    {
        var whole = evidence.ToJsonElement().Clone();
        if (Encoding.UTF8.GetByteCount(whole.GetRawText()) <= MaxBytes)
        {
            return whole;
        }

        foreach (var (items, characters) in _steps)
        {
            var cut = Write(whole, items, characters, mostMembers: int.MaxValue);
            if (cut.WrittenCount <= MaxBytes)
            {
                return Parse(cut);
            }
        }

        return Parse(Write(whole, 0, 8, mostMembers: 20));
    }

    private static JsonElement Parse(ArrayBufferWriter<byte> written)
    {
        using var document = JsonDocument.Parse(written.WrittenMemory);
        return document.RootElement.Clone();
    }

    private static ArrayBufferWriter<byte> Write(JsonElement evidence, int items, int characters, int mostMembers)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        foreach (var member in evidence.EnumerateObject().Take(mostMembers))
        {
            writer.WritePropertyName(mostMembers == int.MaxValue ? member.Name : Cut(member.Name, characters * 4));
            Write(member.Value, writer, items, characters);
        }

        writer.WriteBoolean(Mark, true);
        writer.WriteEndObject();
        writer.Flush();
        return buffer;
    }

    private static void Write(JsonElement value, Utf8JsonWriter writer, int items, int characters)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject().Take(Math.Max(items, 1)))
                {
                    writer.WritePropertyName(Cut(member.Name, characters));
                    Write(member.Value, writer, items, characters);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray().Take(items))
                {
                    Write(item, writer, items, characters);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(Cut(value.GetString()!, characters));
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static string Cut(string text, int characters)
    {
        if (text.Length <= characters)
        {
            return text;
        }

        // Half of a surrogate pair is not valid text.
        return text[..(char.IsHighSurrogate(text[characters - 1]) ? characters - 1 : characters)] + "…";
    }
}
