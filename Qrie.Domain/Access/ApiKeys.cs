using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Access;

/// <summary>Creates, revokes and checks API keys.</summary>
public sealed partial class ApiKeys(IApiKeyStore keys, IOrganizationStore organizations, TimeProvider clock)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(3660);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _used = new();

    /// <summary>Creates a key. The result is the only place where the secret is available.</summary>
    /// <exception cref="InvalidInputException">The input is invalid.</exception>
    public async Task<(ApiKey Key, ApiKeyText Text)> CreateAsync(NewApiKey input, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var errors = new FieldErrors();
        errors.Require(input.Role is not null, "role", "role must be reader, auditor, operator or admin.");
        errors.Require(input.Name is null || NameForm().IsMatch(input.Name), "name", "name must have 1 to 100 characters in one line.");
        errors.RequireSafe(input.Name is { } name && NameForm().IsMatch(name) ? name : null, "name");
        errors.Require(
            input.ExpiresAt is null || input.ExpiresAt > now, "expires_at", "expires_at must be in the future; leave it out for a key that does not expire.");
        errors.Require(
            input.ExpiresAt is null || input.ExpiresAt <= now + s_longest, "expires_at",
            $"expires_at must be within {s_longest.TotalDays} days; leave it out for a key that does not expire.");
        errors.Require(
            await organizations.FindAsync(input.Organization, cancel) is not null, "organization",
            $"There is no organization {input.Organization}; create it with POST /organizations.");
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

    /// <summary>Revokes a key immediately and permanently. It stays listed.</summary>
    /// <exception cref="NotFoundException">The organization has no such key.</exception>
    public async Task<ApiKey> RevokeAsync(string organization, string keyId, CancellationToken cancel) =>
        await keys.RevokeAsync(organization, keyId, clock.GetUtcNow(), cancel) ?? throw NotFound(keyId);

    /// <summary>The error for a key that does not exist or belongs to another organization.</summary>
    public static NotFoundException NotFound(string keyId) => new($"There is no key {keyId}. GET /keys lists them by key_id.");

    /// <summary>
    /// Checks credentials. Reads the store every time, so that a key revoked here or by another process is refused at once.
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
                _used[key.KeyId] = now; // existing keys only, so it does not grow
                return new KeyCheck(key, null);
        }
    }

    /// <summary>
    /// Records when keys were used since the last call. Called periodically, because a write per request would be expensive.
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

/// <summary>The input for a new key; null if not given.</summary>
/// <param name="CreatedBy">As named in the audit log.</param>
public sealed record NewApiKey(string Organization, Role? Role, string? Name, DateTimeOffset? ExpiresAt, string CreatedBy);

/// <summary>The key, or why it is refused.</summary>
public sealed record KeyCheck(ApiKey? Key, KeyRefusal? Refusal);

public enum KeyRefusal
{
    /// <summary>The text is not an API key.</summary>
    Malformed,

    /// <summary>The key does not exist or its secret is wrong; callers are not told which.</summary>
    Unknown,

    Expired,
    Revoked,
}
