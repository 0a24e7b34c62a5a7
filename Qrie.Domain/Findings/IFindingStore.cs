using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Findings;

/// <summary>Stores evaluations, findings and the counts of both. A finding changes only under the write gate of its resource.</summary>
public interface IFindingStore
{
    /// <summary>
    /// Stores evaluations and the resulting findings, each resource in one step and only if its stored state is exactly what was evaluated
    /// (describe time, hash, not deleted, every policy active with the evaluated revision). The counts follow before this returns, each change exactly once.
    /// </summary>
    Task<ApplyResult> ApplyAsync(string organization, IReadOnlyList<EvaluatedResource> evaluated, string? scanId, CancellationToken cancel);

    /// <summary>How far an account_service was evaluated, and what it contains.</summary>
    Task<EvaluationProgress> ReadEvaluationProgressAsync(string organization, string accountService, CancellationToken cancel);

    /// <summary>
    /// The next resources of an account_service, with configurations, whose verdicts are missing, due, or based on another configuration or other policies.
    /// </summary>
    /// <param name="after">The end of the previous chunk; null to start.</param>
    /// <param name="limit">The maximum; chunks are smaller when configurations are large.</param>
    Task<EvaluationChunk> ReadPendingAsync(
        string organization, string accountService, EvaluationQuery query, EvaluationCursor? after, int limit, CancellationToken cancel);

    /// <summary>
    /// Resources of any account whose verdicts depend on resources that have changed since, so that their lookups would return something else now. Excludes
    /// removed accounts.
    /// </summary>
    Task<IReadOnlyList<(string AccountService, string Arn)>> ListStaleAsync(string organization, int limit, CancellationToken cancel);

    /// <summary>Records that an account_service was evaluated completely: active findings of these policies were confirmed at that time.</summary>
    Task RecordEvaluatedAsync(string organization, string accountService, EvaluatedUnit evaluated, CancellationToken cancel);

    /// <summary>
    /// Resolves up to <paramref name="limit"/> active or suppressed findings of a policy that is not active. Returns how many; 0 if none is left.
    /// </summary>
    Task<int> ResolvePolicyAsync(
        string organization, string policyId, ResolvedReason reason, DateTimeOffset now, int limit, CancellationToken cancel);

    /// <summary>Null if it was never evaluated.</summary>
    Task<Evaluation?> FindEvaluationAsync(string organization, string accountService, string arn, CancellationToken cancel);

    /// <summary>Null if there never was one.</summary>
    Task<Finding?> FindAsync(string organization, string accountService, string arn, string policyId, CancellationToken cancel);

    /// <summary>All current and past findings of one resource, by policy.</summary>
    Task<IReadOnlyList<Finding>> ListOfResourceAsync(string organization, string accountService, string arn, CancellationToken cancel);

    /// <summary>
    /// Ordered as the filter says; text in code point order. With a text, or by resource, a page may have fewer findings than asked for and still a next one:
    /// one read looks at a few thousand findings only, whether they match or not.
    /// </summary>
    Task<Page<Finding>> ListAsync(string organization, FindingFilter filter, PageRequest page, CancellationToken cancel);

    /// <summary>
    /// The findings that match, counted by policy, account or resource; those with the most severe finding first. Policies and accounts follow by the number of
    /// findings, resources by the age of their most severe finding, the newest first; a page of resources may be short as one of a list may.
    /// </summary>
    /// <exception cref="Validation.InvalidInputException">
    /// More findings match than can be counted one by one, and the filter names what writes do not count.
    /// </exception>
    Task<Page<FindingGroup>> GroupAsync(string organization, FindingFilter filter, FindingGrouping by, PageRequest page, CancellationToken cancel);

    /// <summary>ACTIVE findings by policy, from the counts, excluding removed accounts.</summary>
    Task<IReadOnlyDictionary<string, long>> CountActiveByPolicyAsync(string organization, CancellationToken cancel);

    /// <summary>The policies with findings that are not resolved, from the counts; those of removed accounts included.</summary>
    Task<IReadOnlyList<string>> ListUnresolvedPoliciesAsync(string organization, CancellationToken cancel);

    /// <summary>The number of verdicts of each kind, unknown ones by reason, from the counts, excluding removed accounts.</summary>
    Task<IReadOnlyList<VerdictCount>> CountVerdictsAsync(string organization, string? accountId, CancellationToken cancel);
}

/// <summary>The evaluated state of a resource and its verdicts.</summary>
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

/// <summary>How far the evaluation of an account_service has followed its changes.</summary>
/// <param name="Sequence">Increases with every resource change; 0 if there was none.</param>
/// <param name="NextDue">When the first verdict is due although nothing changed; null if none is.</param>
/// <param name="Types">By resource type; types that were never seen are missing.</param>
public sealed record EvaluationProgress(long Sequence, DateTimeOffset? NextDue, IReadOnlyDictionary<string, TypeState> Types);

/// <param name="Alive">The number of resources that are not deleted.</param>
/// <param name="Fingerprint">The policies of the last complete evaluation; null if there was none.</param>
/// <param name="Sequence">The last change that it included.</param>
public sealed record TypeState(long Alive, string? Fingerprint, long Sequence);

/// <summary>Which resources to return.</summary>
/// <param name="Fingerprints">By resource type: the fingerprint that verdicts must have. Other types are excluded.</param>
/// <param name="ChangedSince">With <see cref="EvaluationSelection.Changed"/>: only resources that changed after this.</param>
/// <param name="OrFingerprints">By resource type: another fingerprint that verdicts may have; null for none.</param>
public sealed record EvaluationQuery(
    IReadOnlyDictionary<string, string> Fingerprints, DateTimeOffset Now, EvaluationSelection Walk, long ChangedSince = 0,
    IReadOnlyDictionary<string, string>? OrFingerprints = null);

/// <summary>Which resources of an account_service to read; the cost is proportional to the number of matches.</summary>
public enum EvaluationSelection
{
    /// <summary>Every resource, by ARN: for changed policies.</summary>
    All,

    /// <summary>Changed resources, in the order of their changes.</summary>
    Changed,

    /// <summary>Resources with a due verdict, by due time.</summary>
    Due,
}

/// <param name="Number">The change number or the due time in milliseconds; 0 when ordered by ARN alone.</param>
public sealed record EvaluationCursor(long Number, string Arn);

/// <summary>Resources to evaluate.</summary>
/// <param name="Next">The start of the next chunk; null if this was the last.</param>
public sealed record EvaluationChunk(IReadOnlyList<StoredResource> Resources, EvaluationCursor? Next);

/// <summary>A complete evaluation of an account_service.</summary>
/// <param name="PolicyIds">The evaluated policies.</param>
/// <param name="Fingerprints">The evaluated policies by resource type.</param>
/// <param name="Sequence">The last change that it included.</param>
/// <param name="At">When it began.</param>
public sealed record EvaluatedUnit(
    IReadOnlyCollection<string> PolicyIds, IReadOnlyDictionary<string, string> Fingerprints, long Sequence, DateTimeOffset At);
