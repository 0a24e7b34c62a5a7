using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Api.Redaction;

/// <summary>
/// Searches a complete response for secrets that neither the model nor the catalog lists, by patterns and by user-defined names.
/// </summary>
internal sealed class SecretSweep
{
    /// <summary>No pattern matches shorter text.</summary>
    private const int ShortestName = 16;

    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Redactor _redactor;
    private readonly Pagination? _pagination;
    private readonly bool _byPattern;
    private readonly bool _byName;

    private SecretSweep(Redactor redactor, Pagination? pagination, bool byPattern, bool byName)
    {
        _redactor = redactor;
        _pagination = pagination;
        _byPattern = byPattern;
        _byName = byName;
    }

    /// <summary>The response with its secrets replaced; the same bytes if there are none.</summary>
    public static ReadOnlyMemory<byte> Run(ReadOnlyMemory<byte> json, Operation operation, Redactor redactor)
    {
        var sweep = new SecretSweep(redactor, operation.Pagination, SecretPatterns.MayMatch(json.Span), SecretNames.MayName(json.Span));
        if (!sweep._byPattern && !sweep._byName)
        {
            return json;
        }

        var root = JsonElement.Parse(json.Span);
        if (!sweep.HasSecret(root, default))
        {
            return json;
        }

        var buffer = new ArrayBufferWriter<byte>(json.Length);
        using (var writer = new Utf8JsonWriter(buffer, _options))
        {
            sweep.Copy(writer, root, default);
        }

        return buffer.WrittenMemory;
    }

    private bool HasSecret(JsonElement value, Place place)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    if (IsSecretName(property.Name) || HasSecret(property.Value, place.Enter(value, property.Name)))
                    {
                        return true;
                    }
                }

                return false;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    if (HasSecret(item, place.EnterItem()))
                    {
                        return true;
                    }
                }

                return false;
            case JsonValueKind.String:
                return Find(value, place).Count > 0;
            default:
                return false;
        }
    }

    private void Copy(Utf8JsonWriter writer, JsonElement value, Place place)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    writer.WritePropertyName(IsSecretName(property.Name) ? "_redacted_" + _redactor.Fingerprint(property.Name) : property.Name);
                    Copy(writer, property.Value, place.Enter(value, property.Name));
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Copy(writer, item, place.EnterItem());
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String when Find(value, place) is { Count: > 0 } matches:
                _redactor.Write(writer, value.GetString()!, matches);
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private bool IsSecretName(string name) => _byPattern && name.Length >= ShortestName && SecretPatterns.FindCertain(name).Count > 0;

    private List<string> Find(JsonElement value, Place place)
    {
        // Page tokens are opaque, must stay unchanged, and are never stored.
        if (place.Depth == 1 && _pagination?.OutputTokens.Contains(place.Name!) is true)
        {
            return [];
        }

        var text = value.GetString()!;
        var found = _byPattern && !IsKeyIdAlone(place.Name, text) ? SecretPatterns.FindCertain(text) : [];
        if (_byName && text.Length > 0 && place.Owner is { ValueKind: JsonValueKind.Object } owner && SecretNames.Name(owner, place.OwnerName, place.Name!))
        {
            found.AddRange(SecretPatterns.FindAll(text).Except(found).Append(SecretNames.Id));
        }

        return found;
    }

    /// <summary>The id of an access key as a value of its own is not a secret; the catalog needs it.</summary>
    private static bool IsKeyIdAlone(string? name, string text) =>
        name is not null && name.EndsWith("ccessKeyId", StringComparison.Ordinal) && SecretPatterns.KeyIdAlone().IsMatch(text);

    /// <summary>The position of a value.</summary>
    /// <param name="Depth">1 for a member of the response itself.</param>
    /// <param name="Name">Its name; that of the list for an item.</param>
    /// <param name="Owner">The object that contains it; undefined for items.</param>
    /// <param name="OwnerName">The owner's own name; null if it is an item of a list.</param>
    /// <param name="IsItem">Whether it is an item of a list.</param>
    private readonly record struct Place(int Depth, string? Name, JsonElement Owner, string? OwnerName, bool IsItem)
    {
        public Place Enter(JsonElement owner, string name) => new(Depth + 1, name, owner, IsItem ? null : Name, IsItem: false);

        public Place EnterItem() => this with { Depth = Depth + 1, Owner = default, IsItem = true };
    }
}
