using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Qrie.Domain.Access;

/// <summary>
/// An API key as it is written: <c>qrie_</c>, its id, <c>_</c>, its secret. The prefix lets scanners of repositories and logs recognise it.
/// </summary>
/// <remarks>
/// The secret is 256 random bits, and SHA-256 of it is kept. A slow hash with salt protects what people think up, by making guesses dear; here there is nothing
/// to guess from, and every request would pay for it.
/// </remarks>
public sealed record ApiKeyText(string KeyId, string Secret)
{
    /// <summary>What every key begins with.</summary>
    public const string Prefix = "qrie_";

    private const int IdBytes = 8;
    private const int SecretBytes = 32;
    private const int IdLength = IdBytes * 2;
    private const int SecretLength = 43;

    /// <summary>A new key.</summary>
    public static ApiKeyText New() => new(
        Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes)));

    /// <summary>Null: no key has this form.</summary>
    public static ApiKeyText? Parse(string text)
    {
        const int SecretAt = 5 + IdLength + 1; // the secret may have underscores itself
        return text.Length == SecretAt + SecretLength && text.StartsWith(Prefix, StringComparison.Ordinal) && text[SecretAt - 1] == '_'
            && text[Prefix.Length..(SecretAt - 1)] is var id && id.All(char.IsAsciiHexDigitLower)
            && Base64Url.IsValid(text.AsSpan(SecretAt))
                ? new ApiKeyText(id, text[SecretAt..])
                : null;
    }

    /// <summary>What is kept of the secret.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Secret)));

    /// <summary>Whether this is the key that the hash was made from. Takes as long whatever differs.</summary>
    public bool Matches(string hash) => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash()), Encoding.ASCII.GetBytes(hash));

    /// <summary>The whole key. Shown once, to whoever made it.</summary>
    public string Reveal() => $"{Prefix}{KeyId}_{Secret}";

    /// <summary>Without the secret: whatever prints it by mistake gives nothing away.</summary>
    public override string ToString() => $"{Prefix}{KeyId}_…";
}
