using Qrie.Domain.Inventory;

namespace Qrie.Domain.Policies;

/// <summary>All verdicts on one resource, with what was evaluated: the store applies them only if that is still what is stored.</summary>
public sealed record EvaluatedResource
{
    public required string AccountService { get; init; }

    public required string Arn { get; init; }

    public required string Type { get; init; }

    public required string Region { get; init; }

    /// <summary>Of the configuration that was evaluated.</summary>
    public required DateTimeOffset DescribeTime { get; init; }

    /// <summary>Of the configuration that was evaluated.</summary>
    public required string Hash { get; init; }

    public required string Fingerprint { get; init; }

    /// <summary>Every active policy of the type, also those whose scope leaves the resource out.</summary>
    public required IReadOnlyList<EvaluatedPolicy> Policies { get; init; }

    public required DateTimeOffset EvaluatedAt { get; init; }

    /// <summary>When the verdicts must be asked for again although nothing changed; null: never.</summary>
    public DateTimeOffset? NextDue { get; init; }

    /// <summary>What the verdicts rest on besides this resource.</summary>
    public IReadOnlyList<LookupDependency> Dependencies { get; init; } = [];
}

/// <summary>One policy's part of it.</summary>
/// <param name="Revision">Of the policy that was evaluated by.</param>
/// <param name="Verdict">Null: the policy's scope leaves the resource out.</param>
public sealed record EvaluatedPolicy(string PolicyId, long Revision, int Severity, PolicyVerdict? Verdict);
