using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Findings;

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

    /// <summary>Every active policy of the type, including those whose scope excludes the resource.</summary>
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

/// <summary>What happened to the verdicts on a resource.</summary>
public enum ApplyOutcome
{
    Applied,

    /// <summary>The resource changed or was deleted meanwhile: it must be evaluated again.</summary>
    ResourceChanged,

    /// <summary>A resource that a policy looked up changed meanwhile: it must be evaluated again.</summary>
    RelatedChanged,

    /// <summary>A policy was changed, suspended or deleted meanwhile: it must be evaluated again with the policies that are active now.</summary>
    PolicyChanged,
}

/// <summary>One outcome per resource, and how many findings changed their state.</summary>
public sealed record ApplyResult(IReadOnlyList<ApplyOutcome> Outcomes, int Opened, int Resolved)
{
    public static readonly ApplyResult Nothing = new([], 0, 0);
}
