namespace Qrie.Domain.Access;

/// <summary>A key that authenticates a program or a person for an organization, with a role. The secret itself is not stored.</summary>
public sealed record ApiKey
{
    public required string Organization { get; init; }

    /// <summary>The non-secret part of the key, used in lists, logs and the audit log.</summary>
    public required string KeyId { get; init; }

    /// <summary>A display name; null if none was given.</summary>
    public string? Name { get; init; }

    public required Role Role { get; init; }

    /// <summary>See <see cref="ApiKeyText"/>.</summary>
    public required string SecretHash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Its creator, as named in the audit log.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When it expires; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Null if it is not revoked.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Accurate to a minute; null if it was never used.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    public KeyStatus StatusAt(DateTimeOffset now) =>
        RevokedAt is not null ? KeyStatus.Revoked : ExpiresAt <= now ? KeyStatus.Expired : KeyStatus.Active;
}

public enum KeyStatus
{
    Active,
    Expired,
    Revoked,
}
