using Qrie.Domain.Inventory;

namespace Qrie.Domain.Policies;

/// <summary>The verdicts on one resource and the state they are based on: the store applies them only if that state is still current.</summary>
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

    /// <summary>
    /// Null if all active policies of the type were evaluated. Otherwise the fingerprint of all of them: the verdicts of the others stay, and the resource is
    /// evaluated by all when it is their turn.
    /// </summary>
    public string? WholeFingerprint { get; init; }

    /// <summary>The evaluated policies, including those whose scope excludes the resource.</summary>
    public required IReadOnlyList<EvaluatedPolicy> Policies { get; init; }

    public required DateTimeOffset EvaluatedAt { get; init; }

    /// <summary>When the resource must be evaluated again even if nothing changed; null for never.</summary>
    public DateTimeOffset? NextDue { get; init; }

    /// <summary>Other resources that the verdicts depend on.</summary>
    public IReadOnlyList<LookupDependency> Dependencies { get; init; } = [];
}

/// <summary>The result of one policy.</summary>
/// <param name="Revision">The policy revision that was evaluated.</param>
/// <param name="Verdict">Null if the policy's scope excludes the resource.</param>
public sealed record EvaluatedPolicy(string PolicyId, long Revision, int Severity, PolicyVerdict? Verdict);
