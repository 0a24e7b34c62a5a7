using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Qrie.Domain.Access;

/// <summary>
/// The text of an API key: <c>qrie_</c>, its id, <c>_</c>, its secret. The prefix allows secret scanners to recognize it.
/// </summary>
/// <remarks>
/// The secret is 256 random bits, of which only the SHA-256 is stored. Slow salted hashes protect low-entropy passwords; a random secret does not need them,
/// and every request would pay for them.
/// </remarks>
public sealed record ApiKeyText(string KeyId, string Secret)
{
    /// <summary>The prefix of every key.</summary>
    public const string Prefix = "qrie_";

    private const int IdBytes = 8;
    private const int SecretBytes = 32;
    private const int IdLength = IdBytes * 2;
    private const int SecretLength = 43;

    /// <summary>A new key.</summary>
    public static ApiKeyText New() => new(
        Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes)));

    /// <summary>Null if the text is not a key.</summary>
    public static ApiKeyText? Parse(string text)
    {
        const int SecretAt = 5 + IdLength + 1; // the secret may contain underscores itself
        return text.Length == SecretAt + SecretLength && text.StartsWith(Prefix, StringComparison.Ordinal) && text[SecretAt - 1] == '_'
            && text[Prefix.Length..(SecretAt - 1)] is var id && id.All(char.IsAsciiHexDigitLower)
            && Base64Url.IsValid(text.AsSpan(SecretAt))
                ? new ApiKeyText(id, text[SecretAt..])
                : null;
    }

    /// <summary>The stored hash of the secret.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Secret)));

    /// <summary>Whether the hash is that of this key; compared in constant time.</summary>
    public bool Matches(string hash) => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash()), Encoding.ASCII.GetBytes(hash));

    /// <summary>The whole key. Shown once, when it is created.</summary>
    public string Reveal() => $"{Prefix}{KeyId}_{Secret}";

    /// <summary>Without the secret, in case it is printed by mistake.</summary>
    public override string ToString() => $"{Prefix}{KeyId}_…";
}
