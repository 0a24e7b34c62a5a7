namespace Qrie.Domain.Access;

/// <summary>A key by which a program or a person proves to act for an organization in a role. The secret itself is not kept.</summary>
public sealed record ApiKey
{
    public required string Organization { get; init; }

    /// <summary>The part of the key that is no secret: lists, logs and the audit name it.</summary>
    public required string KeyId { get; init; }

    /// <summary>For people; null: none was given.</summary>
    public string? Name { get; init; }

    public required Role Role { get; init; }

    /// <summary>See <see cref="ApiKeyText"/>.</summary>
    public required string SecretHash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who made it, as the audit names them.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>From then on it is refused; null: it does not expire.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Null: it is not revoked.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Right to a minute; null: it was never used.</summary>
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
