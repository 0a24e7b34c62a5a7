using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Access;

/// <summary>Makes, revokes and checks API keys.</summary>
public sealed partial class ApiKeys(IApiKeyStore keys, IOrganizationStore organizations, TimeProvider clock)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(3660);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _used = new();

    /// <summary>Makes a key. What it answers is the only time that its secret is told.</summary>
    /// <exception cref="InvalidInputException">Something about it cannot be right.</exception>
    public async Task<(ApiKey Key, ApiKeyText Text)> CreateAsync(NewApiKey input, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var errors = new FieldErrors();
        errors.Require(input.Role is not null, "role", "role must be reader, operator or admin.");
        errors.Require(input.Name is null || NameForm().IsMatch(input.Name), "name", "name must have 1 to 100 characters in one line.");
        errors.Require(
            input.ExpiresAt is null || input.ExpiresAt > now, "expires_at", "expires_at must be in the future; leave it out for a key that does not expire.");
        errors.Require(
            input.ExpiresAt is null || input.ExpiresAt <= now + s_longest, "expires_at",
            $"expires_at must be within {s_longest.TotalDays} days; leave it out for a key that does not expire.");
        errors.Require(
            await organizations.FindAsync(input.Organization, cancel) is not null, "organization",
            $"There is no organization {input.Organization}; make it with POST /organizations.");
        errors.ThrowIfAny();
        var text = ApiKeyText.New();
        var key = new ApiKey
        {
            Organization = input.Organization,
            KeyId = text.KeyId,
            Name = input.Name,
            Role = input.Role!.Value,
            SecretHash = text.Hash(),
            CreatedAt = now,
            CreatedBy = input.CreatedBy,
            ExpiresAt = input.ExpiresAt,
        };
        await keys.AddAsync(key, cancel);
        return (key, text);
    }

    /// <summary>Makes a key unusable, at once and for good. The organization's keys stay listed.</summary>
    /// <exception cref="NotFoundException">The organization has no such key.</exception>
    public async Task<ApiKey> RevokeAsync(string organization, string keyId, CancellationToken cancel) =>
        await keys.RevokeAsync(organization, keyId, clock.GetUtcNow(), cancel) ?? throw NotFound(keyId);

    /// <summary>What a caller is told of a key that is not there, or not theirs.</summary>
    public static NotFoundException NotFound(string keyId) => new($"There is no key {keyId}. GET /keys lists them by key_id.");

    /// <summary>
    /// Checks what a caller sent. Read from the store every time: a key that is revoked, here or by another process, is refused from then on.
    /// </summary>
    public async Task<KeyCheck> CheckAsync(string sent, CancellationToken cancel)
    {
        if (ApiKeyText.Parse(sent) is not { } text)
        {
            return new KeyCheck(null, KeyRefusal.Malformed);
        }

        if (await keys.FindAsync(text.KeyId, cancel) is not { } key || !text.Matches(key.SecretHash))
        {
            return new KeyCheck(null, KeyRefusal.Unknown);
        }

        var now = clock.GetUtcNow();
        switch (key.StatusAt(now))
        {
            case KeyStatus.Revoked:
                return new KeyCheck(null, KeyRefusal.Revoked);
            case KeyStatus.Expired:
                return new KeyCheck(null, KeyRefusal.Expired);
            default:
                _used[key.KeyId] = now; // of keys that exist only, so it does not grow
                return new KeyCheck(key, null);
        }
    }

    /// <summary>
    /// Writes down when keys were used since the last time; to be called now and then, because a write for each request would be a high price.
    /// </summary>
    public async Task RecordUseAsync(CancellationToken cancel)
    {
        var used = new Dictionary<string, DateTimeOffset>(_used);
        if (used.Count > 0)
        {
            await keys.RecordUseAsync(used, cancel);
            foreach (var written in used)
            {
                _used.TryRemove(written); // unless the key was used again meanwhile
            }
        }
    }

    [GeneratedRegex(@"^[^\p{Cc}]{1,100}\z")]
    private static partial Regex NameForm();
}

/// <summary>What somebody wants of a new key; null: not said.</summary>
/// <param name="CreatedBy">As the audit names them.</param>
public sealed record NewApiKey(string Organization, Role? Role, string? Name, DateTimeOffset? ExpiresAt, string CreatedBy);

/// <summary>Whose key it is, or why it is refused.</summary>
public sealed record KeyCheck(ApiKey? Key, KeyRefusal? Refusal);

public enum KeyRefusal
{
    /// <summary>No key looks like this.</summary>
    Malformed,

    /// <summary>There is no such key, or its secret is another one. Which of both is not told.</summary>
    Unknown,

    Expired,
    Revoked,
}
