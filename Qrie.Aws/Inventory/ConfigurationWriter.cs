using System.Buffers;
using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>Serializes a resource for the store: without null members and helpers, unknown attributes in <c>_unknown</c>, at most 1 MB.</summary>
internal static class ConfigurationWriter
{
    public const int MaxBytes = 1024 * 1024;

    /// <param name="value">The resource.</param>
    /// <param name="unknown">Attributes that could not be read; attributes dropped for their size are added.</param>
    public static JsonElement Write(JmesValue value, IDictionary<string, string> unknown)
    {
        var attributes = value.Members()
            .Where(member => !member.Value.IsNull && !member.Key.StartsWith('_'))
            .Select(member => (Name: member.Key, Json: WithoutNulls(member.Value)))
            .ToList();
        while (attributes.Count > 0 && attributes.Sum(attribute => (long)attribute.Json.Length + attribute.Name.Length + 4) > MaxBytes)
        {
            var largest = attributes.MaxBy(attribute => attribute.Json.Length);
            attributes.Remove(largest);
            unknown[largest.Name] = CollectionError.TooLarge;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, json) in attributes)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(json, skipInputValidation: true);
            }

            WriteUnknown(unknown, writer);
            writer.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }

    private static void WriteUnknown(IDictionary<string, string> unknown, Utf8JsonWriter writer)
    {
        var shown = unknown.Where(attribute => IsStored(attribute.Key)).OrderBy(attribute => attribute.Key, StringComparer.Ordinal).ToList();
        if (shown.Count == 0)
        {
            return;
        }

        writer.WriteStartObject(PolicyEvaluator.UnknownMember);
        foreach (var (name, code) in shown)
        {
            writer.WriteString(name, code);
        }

        writer.WriteEndObject();
    }

    /// <summary>Helpers are internal to the collector.</summary>
    public static bool IsStored(string attribute) => attribute == AttributeDefinition.Merged || !attribute.StartsWith('_');

    private static byte[] WithoutNulls(JmesValue value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(value, writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(JmesValue value, Utf8JsonWriter writer)
    {
        switch (value.Kind)
        {
            case JmesKind.Object:
                writer.WriteStartObject();
                foreach (var (name, member) in value.EnumerateObject())
                {
                    if (!member.IsNull)
                    {
                        writer.WritePropertyName(name);
                        Write(member, writer);
                    }
                }

                writer.WriteEndObject();
                break;
            case JmesKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(item, writer);
                }

                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
