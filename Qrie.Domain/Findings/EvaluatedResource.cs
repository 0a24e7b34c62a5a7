using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Findings;

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

/// <summary>What became of an evaluated resource.</summary>
public enum ApplyOutcome
{
    Applied,

    /// <summary>Another configuration is stored by now, or the resource is deleted: it must be evaluated again.</summary>
    ResourceChanged,

    /// <summary>Another resource that a policy looked up is another one by now: it must be evaluated again.</summary>
    RelatedChanged,

    /// <summary>A policy was changed, suspended or deleted meanwhile: it must be evaluated again by those that are active now.</summary>
    PolicyChanged,
}

/// <summary>The outcome of a batch: one outcome per resource, and how many findings really changed their state.</summary>
public sealed record ApplyResult(IReadOnlyList<ApplyOutcome> Outcomes, int Opened, int Resolved)
{
    public static readonly ApplyResult Nothing = new([], 0, 0);
}
