using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Findings;

/// <summary>Keeps evaluations, findings and the counts of both. Findings change only inside the gate of their resource.</summary>
public interface IFindingStore
{
    /// <summary>
    /// Stores evaluations, the findings that follow from them and the counts, in one transaction; each resource only if what is stored is
    /// exactly what was judged (describe time, hash, not deleted, every policy active with the judged revision).
    /// </summary>
    Task<ApplyResult> ApplyAsync(string organization, IReadOnlyList<JudgedResource> judged, string? scanId, CancellationToken cancel);

    /// <summary>
    /// The next alive resources of an account_service, with configurations, whose verdicts are missing, were given on another configuration
    /// or by other policies, or are due. Ordered by ARN.
    /// </summary>
    /// <param name="fingerprints">By resource type: what verdicts must have been given by. Types that are not named are left out.</param>
    Task<JudgementChunk> ReadToJudgeAsync(
        string organization, string accountService, IReadOnlyDictionary<string, string> fingerprints, DateTimeOffset now, string? afterArn,
        int limit, CancellationToken cancel);

    /// <summary>Notes that policies were judged over a whole account_service: their active findings were true at that time.</summary>
    Task RecordJudgedAsync(
        string organization, string accountService, IReadOnlyCollection<string> policyIds, DateTimeOffset at, CancellationToken cancel);

    /// <summary>Resolves up to <paramref name="limit"/> active findings of a policy that is not active. Answers how many; 0: none is left.</summary>
    Task<int> ResolvePolicyAsync(
        string organization, string policyId, ResolvedReason reason, DateTimeOffset now, int limit, CancellationToken cancel);

    /// <summary>Null: never judged.</summary>
    Task<Evaluation?> FindEvaluationAsync(string organization, string accountService, string arn, CancellationToken cancel);

    /// <summary>Null: there never was one.</summary>
    Task<Finding?> FindAsync(string organization, string accountService, string arn, string policyId, CancellationToken cancel);

    /// <summary>Ordered by first_seen descending, ARN, policy, account_service; without removed accounts.</summary>
    Task<Page<Finding>> ListAsync(string organization, FindingFilter filter, PageRequest page, CancellationToken cancel);

    /// <summary>ACTIVE findings by policy, from the counts; without removed accounts.</summary>
    Task<IReadOnlyDictionary<string, long>> CountActiveByPolicyAsync(string organization, CancellationToken cancel);

    /// <summary>How many verdicts of each kind there are, unknown ones by reason, from the counts; without removed accounts.</summary>
    Task<IReadOnlyList<VerdictCount>> CountVerdictsAsync(string organization, string? accountId, CancellationToken cancel);
}

/// <summary>Null: not restricted.</summary>
public sealed record FindingFilter(
    string? AccountId = null, string? Service = null, string? PolicyId = null, FindingState? State = null, int? SeverityFrom = null, int? SeverityTo = null);

/// <summary>What was judged, and the verdicts.</summary>
public sealed record Evaluation
{
    public required string AccountService { get; init; }

    public required string Arn { get; init; }

    public required DateTimeOffset DescribeTime { get; init; }

    public required string Hash { get; init; }

    public required string Fingerprint { get; init; }

    /// <summary>Without the policies whose scope leaves the resource out.</summary>
    public required IReadOnlyList<StoredVerdict> Verdicts { get; init; }

    public required DateTimeOffset EvaluatedAt { get; init; }

    public DateTimeOffset? NextDue { get; init; }
}

/// <summary>A verdict as it is kept. The evidence is the finding's.</summary>
public sealed record StoredVerdict(string PolicyId, long Revision, Verdict Verdict, UnknownReason? Reason);

/// <summary>How many resources have this verdict. Attribute and code only where it is unknown.</summary>
public sealed record VerdictCount(string AccountId, string Service, string PolicyId, Verdict Verdict, string? Attribute, string? ErrorCode, long Resources);

/// <summary>Resources that must be judged.</summary>
/// <param name="Considered">How many alive resources were looked at, judged or not.</param>
/// <param name="LastArn">The end of what was looked at: where the next chunk begins; null: this was the last.</param>
public sealed record JudgementChunk(IReadOnlyList<StoredResource> Resources, int Considered, string? LastArn);
