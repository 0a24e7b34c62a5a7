using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Qrie.Domain;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Http;

/// <summary>
/// Converts keyset positions to opaque tokens and back. A token is bound to the organization, the list and its filter, and signed with the installation's key:
/// used with another filter, or altered, it is a 400.
/// </summary>
internal sealed class PageTokens(IInstallation installation)
{
    private const int MaxPageSize = 100;
    private const int DefaultPageSize = 50;
    private const int SignatureLength = 16;

    private readonly Lazy<Task<byte[]>> _key = new(() => installation.SecretAsync("page-tokens", CancellationToken.None));

    /// <summary>Reads <c>page_size</c> and <c>next_token</c> of a request.</summary>
    /// <param name="organization">The owner of the list.</param>
    /// <param name="list">The list and its whole filter, in a form that is equal exactly if both are.</param>
    public async Task<PageRequest> ReadAsync(string organization, string list, string? pageSize, string? nextToken, FieldErrors errors)
    {
        var size = DefaultPageSize;
        if (pageSize is not null && (!int.TryParse(pageSize, out size) || size < 1))
        {
            errors.Add("page_size", "page_size must be a whole number from 1 to 100");
        }
        else if (size > MaxPageSize)
        {
            errors.Add("page_size", "page_size cannot be greater than 100");
        }

        IReadOnlyList<string>? after = null;
        if (!string.IsNullOrEmpty(nextToken))
        {
            after = await OpenAsync($"{organization} {list}", nextToken);
            errors.Require(after is not null, "next_token", "next_token is not valid for this list and filter; start again without it.");
        }

        return new PageRequest(size, after);
    }

    /// <summary>The token for the next page; null on the last page.</summary>
    public async Task<string?> WriteAsync(string organization, string list, IReadOnlyList<string>? next)
    {
        if (next is null)
        {
            return null;
        }

        var payload = JsonSerializer.SerializeToUtf8Bytes(next);
        return Base64Url.EncodeToString((byte[])[.. Sign(await _key.Value, $"{organization} {list}", payload), .. payload]);
    }

    private async Task<IReadOnlyList<string>?> OpenAsync(string list, string token) => Open(await _key.Value, list, token);

    private static List<string>? Open(byte[] key, string list, string token)
    {
        if (!Base64Url.IsValid(token))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(token);
        if (bytes.Length <= SignatureLength)
        {
            return null;
        }

        var (signature, payload) = (bytes[..SignatureLength], bytes[SignatureLength..]);
        return CryptographicOperations.FixedTimeEquals(signature, Sign(key, list, payload))
            ? JsonSerializer.Deserialize<List<string>>(payload)
            : null;
    }

    private static byte[] Sign(byte[] key, string list, byte[] payload)
    {
        byte[] signed = [.. SHA256.HashData(Encoding.UTF8.GetBytes(list)), .. payload];
        return HMACSHA256.HashData(key, signed)[..SignatureLength];
    }
}
