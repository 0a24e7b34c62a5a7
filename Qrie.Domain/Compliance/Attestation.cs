namespace Qrie.Domain.Compliance;

/// <summary>What an owner states about a requirement that no policy checks.</summary>
public sealed record Attestation
{
    public required string Framework { get; init; }

    public required string Requirement { get; init; }

    /// <summary>Whether the requirement is met.</summary>
    public required bool IsMet { get; init; }

    public required string Text { get; init; }

    /// <summary>The evidence, an http or https address; null if there is none.</summary>
    public string? Link { get; init; }

    /// <summary>The key id of the caller, or another actor of the audit log.</summary>
    public required string AttestedBy { get; init; }

    public required DateTimeOffset AttestedAt { get; init; }

    /// <summary>From then on it no longer counts; it stays visible.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public bool IsExpired(DateTimeOffset now) => now >= ExpiresAt;
}
