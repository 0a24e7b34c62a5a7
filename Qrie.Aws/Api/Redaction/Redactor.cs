using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Api.Redaction;

/// <summary>
/// Replaces secrets by <c>{_redacted: true, length, hmac, matches}</c> before an answer leaves the reader. The fingerprint tells whether a secret changed
/// or is used twice, and cannot be reversed without the installation's key.
/// </summary>
internal sealed class Redactor(RedactionKey key, RedactionRules rules)
{
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public Secrecy Start(string service, string operation) => Secrecy.Start(rules.Find(service, operation));

    /// <summary>Writes what is kept of a secret.</summary>
    public void Write(Utf8JsonWriter writer, string secret) => Write(writer, secret, SecretPatterns.FindAll(secret));

    /// <summary>
    /// Looks for secrets that neither the model nor the catalog names, in every string of an answer. The same bytes come back when there are none.
    /// </summary>
    public ReadOnlyMemory<byte> Sweep(ReadOnlyMemory<byte> json, Operation operation)
    {
        if (!SecretPatterns.MayMatch(json.Span))
        {
            return json;
        }

        var root = JsonElement.Parse(json.Span);
        if (!HasSecret(root, operation.Pagination))
        {
            return json;
        }

        var buffer = new ArrayBufferWriter<byte>(json.Length);
        using (var writer = new Utf8JsonWriter(buffer, _options))
        {
            Copy(writer, root, name: null, operation.Pagination);
        }

        return buffer.WrittenMemory;
    }

    private static bool HasSecret(JsonElement value, Pagination? pagination, string? name = null) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(p => !IsToken(pagination, p.Name) && HasSecret(p.Value, null, p.Name)),
        JsonValueKind.Array => value.EnumerateArray().Any(i => HasSecret(i, null, name)),
        JsonValueKind.String => FindIn(value, name).Count > 0,
        _ => false,
    };

    /// <summary>Tokens of pages are opaque, are needed as they are, and are never kept.</summary>
    private static bool IsToken(Pagination? pagination, string name) => pagination?.OutputTokens.Contains(name) is true;

    /// <summary>The id of an access key is what the catalog reads it for, where it stands alone under its own name.</summary>
    private static List<string> FindIn(JsonElement value, string? name)
    {
        var text = value.GetString()!;
        if (name is not null && name.EndsWith("ccessKeyId", StringComparison.Ordinal) && SecretPatterns.KeyIdAlone().IsMatch(text))
        {
            return [];
        }

        return SecretPatterns.FindCertain(text);
    }

    private void Copy(Utf8JsonWriter writer, JsonElement value, string? name, Pagination? pagination)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    if (IsToken(pagination, property.Name))
                    {
                        property.Value.WriteTo(writer);
                    }
                    else
                    {
                        Copy(writer, property.Value, property.Name, pagination: null);
                    }
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Copy(writer, item, name, pagination: null);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String when FindIn(value, name) is { Count: > 0 } matches:
                Write(writer, value.GetString()!, matches);
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private void Write(Utf8JsonWriter writer, string secret, List<string> matches)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("_redacted", true);
        writer.WriteNumber("length", secret.Length);
        writer.WriteString("hmac", Convert.ToHexStringLower(HMACSHA256.HashData(key.Value, Encoding.UTF8.GetBytes(secret)).AsSpan(0, 16)));
        writer.WriteStartArray("matches");
        matches.ForEach(writer.WriteStringValue);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
