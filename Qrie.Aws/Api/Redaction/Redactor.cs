using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Api.Redaction;

/// <summary>
/// Replaces secrets with <c>{_redacted: true, length, hmac, matches}</c> before a response leaves the reader. The fingerprint shows whether a secret has
/// changed or is used twice, and cannot be reversed without the installation's key.
/// </summary>
internal sealed class Redactor(RedactionKey key, RedactionRules rules)
{
    public Secrecy Start(string service, string operation) => Secrecy.Start(rules.Find(service, operation));

    /// <summary>Writes the redacted form of a secret.</summary>
    public void Write(Utf8JsonWriter writer, string secret) => Write(writer, secret, SecretPatterns.FindAll(secret));

    /// <summary>Writes the redacted form of a secret.</summary>
    /// <param name="writer">The output.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="matches">The ids of the patterns that it matches.</param>
    public void Write(Utf8JsonWriter writer, string secret, List<string> matches)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("_redacted", true);
        writer.WriteNumber("length", secret.Length);
        writer.WriteString("hmac", Fingerprint(secret));
        writer.WriteStartArray("matches");
        matches.ForEach(writer.WriteStringValue);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>
    /// Replaces secrets that neither the model nor the catalog lists, in every string of a response. Returns the same bytes if there are none.
    /// </summary>
    public ReadOnlyMemory<byte> Sweep(ReadOnlyMemory<byte> json, Operation operation) => SecretSweep.Run(json, operation, this);

    public string Fingerprint(string secret) => Convert.ToHexStringLower(HMACSHA256.HashData(key.Value, Encoding.UTF8.GetBytes(secret)).AsSpan(0, 16));
}
