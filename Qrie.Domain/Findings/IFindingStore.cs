using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Findings;

/// <summary>Stores evaluations, findings and the counts of both. A finding changes only under the write gate of its resource.</summary>
public interface IFindingStore
{
    /// <summary>
    /// Stores evaluations, the findings that follow from them and the counts, in one transaction; each resource only if what is stored is
    /// exactly what was evaluated (describe time, hash, not deleted, every policy active with the evaluated revision).
    /// </summary>
    Task<ApplyResult> ApplyAsync(string organization, IReadOnlyList<EvaluatedResource> evaluated, string? scanId, CancellationToken cancel);

    /// <summary>Up to where an account_service was evaluated, and what it has.</summary>
    Task<EvaluationProgress> ReadEvaluationProgressAsync(string organization, string accountService, CancellationToken cancel);

    /// <summary>
    /// The next resources of an account_service, with configurations, whose verdicts are missing, due, or based on another configuration or other policies.
    /// </summary>
    /// <param name="after">Where the last chunk ended; null: the beginning.</param>
    /// <param name="limit">A chunk has fewer when configurations are large.</param>
    Task<EvaluationChunk> ReadPendingAsync(
        string organization, string accountService, EvaluationQuery query, EvaluationCursor? after, int limit, CancellationToken cancel);

    /// <summary>
    /// Resources of any account whose verdicts depend on resources that have changed since, so that their lookups would return something else now. Excludes
    /// removed accounts.
    /// </summary>
    Task<IReadOnlyList<(string AccountService, string Arn)>> ListStaleAsync(string organization, int limit, CancellationToken cancel);

    /// <summary>Notes that an account_service was evaluated as a whole: active findings of these policies were true at that time.</summary>
    Task RecordEvaluatedAsync(string organization, string accountService, EvaluatedUnit evaluated, CancellationToken cancel);

    /// <summary>Resolves up to <paramref name="limit"/> active findings of a policy that is not active. Returns how many; 0 if none is left.</summary>
    Task<int> ResolvePolicyAsync(
        string organization, string policyId, ResolvedReason reason, DateTimeOffset now, int limit, CancellationToken cancel);

    /// <summary>Null: never evaluated.</summary>
    Task<Evaluation?> FindEvaluationAsync(string organization, string accountService, string arn, CancellationToken cancel);

    /// <summary>Null if there never was one.</summary>
    Task<Finding?> FindAsync(string organization, string accountService, string arn, string policyId, CancellationToken cancel);

    /// <summary>All current and past findings of one resource, by policy.</summary>
    Task<IReadOnlyList<Finding>> ListOfResourceAsync(string organization, string accountService, string arn, CancellationToken cancel);

    /// <summary>Ordered by first_seen descending, ARN, policy, account_service; text in code point order.</summary>
    Task<Page<Finding>> ListAsync(string organization, FindingFilter filter, PageRequest page, CancellationToken cancel);

    /// <summary>ACTIVE findings by policy, from the counts, excluding removed accounts.</summary>
    Task<IReadOnlyDictionary<string, long>> CountActiveByPolicyAsync(string organization, CancellationToken cancel);

    /// <summary>The number of verdicts of each kind, unknown ones by reason, from the counts, excluding removed accounts.</summary>
    Task<IReadOnlyList<VerdictCount>> CountVerdictsAsync(string organization, string? accountId, CancellationToken cancel);
}

/// <summary>What was evaluated, and the verdicts.</summary>
public sealed record Evaluation
{
    public required string AccountService { get; init; }

    public required string Arn { get; init; }

    public required DateTimeOffset DescribeTime { get; init; }

    public required string Hash { get; init; }

    public required string Fingerprint { get; init; }

    /// <summary>Excludes policies whose scope excludes the resource.</summary>
    public required IReadOnlyList<StoredVerdict> Verdicts { get; init; }

    /// <summary>The policies whose scope excludes the resource, with their revisions.</summary>
    public IReadOnlyList<(string PolicyId, long Revision)> LeftOut { get; init; } = [];

    public required DateTimeOffset EvaluatedAt { get; init; }

    public DateTimeOffset? NextDue { get; init; }
}

/// <summary>A stored verdict. The evidence is stored with the finding.</summary>
public sealed record StoredVerdict(string PolicyId, long Revision, Verdict Verdict, UnknownReason? Reason);

/// <summary>The number of resources with this verdict. Attribute and code are set for unknown verdicts only.</summary>
public sealed record VerdictCount(string AccountId, string Service, string PolicyId, Verdict Verdict, string? Attribute, string? ErrorCode, long Resources);

/// <summary>Where an account_service stands between changes and evaluations.</summary>
/// <param name="Sequence">Grows with every change of a resource; 0: there never was one.</param>
/// <param name="NextDue">When the first verdict must be asked for again although nothing changed; null: none.</param>
/// <param name="Types">By resource type; types that were never seen are missing.</param>
public sealed record EvaluationProgress(long Sequence, DateTimeOffset? NextDue, IReadOnlyDictionary<string, TypeState> Types);

/// <param name="Alive">How many resources there are.</param>
/// <param name="Fingerprint">What all of them were last evaluated by; null: they were never evaluated as a whole.</param>
/// <param name="Sequence">Up to which change.</param>
public sealed record TypeState(long Alive, string? Fingerprint, long Sequence);

/// <summary>Which resources to look at.</summary>
/// <param name="Fingerprints">By resource type: what verdicts must have been given by. Types that are not named are left out.</param>
/// <param name="ChangedSince">With <see cref="EvaluationSelection.Changed"/>: only those that changed after this.</param>
public sealed record EvaluationQuery(IReadOnlyDictionary<string, string> Fingerprints, DateTimeOffset Now, EvaluationSelection Walk, long ChangedSince = 0);

/// <summary>The ways through an account_service: each costs what it finds, not what there is.</summary>
public enum EvaluationSelection
{
    /// <summary>Every resource, by ARN: for changed policies.</summary>
    All,

    /// <summary>Changed resources, in the order of their changes.</summary>
    Changed,

    /// <summary>Resources with a due verdict, by due time.</summary>
    Due,
}

/// <param name="Number">The change or the due time in milliseconds; 0 where the order is by ARN alone.</param>
public sealed record EvaluationCursor(long Number, string Arn);

/// <summary>Resources that must be evaluated.</summary>
/// <param name="Next">Where the next chunk begins; null: this was the last.</param>
public sealed record EvaluationChunk(IReadOnlyList<StoredResource> Resources, EvaluationCursor? Next);

/// <summary>That an account_service was evaluated as a whole.</summary>
/// <param name="PolicyIds">By these policies.</param>
/// <param name="Fingerprints">By resource type: what its verdicts were given by.</param>
/// <param name="Sequence">Up to which change.</param>
/// <param name="At">When evaluating began.</param>
public sealed record EvaluatedUnit(
    IReadOnlyCollection<string> PolicyIds, IReadOnlyDictionary<string, string> Fingerprints, long Sequence, DateTimeOffset At);
