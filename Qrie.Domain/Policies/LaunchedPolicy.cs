using System.Text.Json;

namespace Qrie.Domain.Policies;

/// <summary>A policy launched by the user, with the settings that override its definition.</summary>
public sealed record LaunchedPolicy
{
    public required string Organization { get; init; }

    public required string PolicyId { get; init; }

    public required PolicyStatus Status { get; init; }

    public PolicyScope Scope { get; init; } = PolicyScope.Everything;

    /// <summary>0-100; null for the definition's.</summary>
    public int? Severity { get; init; }

    /// <summary>Overrides of the definition's parameters, by name.</summary>
    public IReadOnlyDictionary<string, JsonElement> Params { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Markdown; null for the definition's.</summary>
    public string? Remediation { get; init; }

    /// <summary>Increases with every change, survives deletion and is never reused: a verdict is valid only for its revision.</summary>
    public long Revision { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it got its revision; set by the store. Scans that began earlier did not use it.</summary>
    public DateTimeOffset RevisedAt { get; init; }
}

public enum PolicyStatus
{
    Active,
    Suspended,

    /// <summary>Deleted by the user; the row is kept so that its revision is not reused.</summary>
    Deleted,
}
