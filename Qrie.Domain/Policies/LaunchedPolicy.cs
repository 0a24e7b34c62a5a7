using System.Text.Json;

namespace Qrie.Domain.Policies;

/// <summary>A policy that the user has launched, with what the user changed of its definition.</summary>
public sealed record LaunchedPolicy
{
    public required string Organization { get; init; }

    public required string PolicyId { get; init; }

    public required PolicyStatus Status { get; init; }

    public PolicyScope Scope { get; init; } = PolicyScope.Everything;

    /// <summary>0-100; null: the definition's.</summary>
    public int? Severity { get; init; }

    /// <summary>Over the definition's parameters, by name.</summary>
    public IReadOnlyDictionary<string, JsonElement> Params { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Markdown; null: the definition's.</summary>
    public string? Remediation { get; init; }

    /// <summary>Grows with every change, survives deletion and is never used again: a verdict counts only for the revision it was evaluated by.</summary>
    public long Revision { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it got its revision; set by the store. A scan that began before has not evaluated by it.</summary>
    public DateTimeOffset RevisedAt { get; init; }
}

public enum PolicyStatus
{
    Active,
    Suspended,

    /// <summary>Gone for the user; the row stays, so that its revision is not used again.</summary>
    Deleted,
}
