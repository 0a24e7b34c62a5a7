using Qrie.Domain.Policies;

namespace Qrie.Domain.Compliance;

/// <summary>
/// Reads the totals that are maintained with every verdict and every list, and stores the history and the attestations. The cost of totals depends on the
/// number of policies, not on that of resources or findings.
/// </summary>
public interface IComplianceStore
{
    Task<ComplianceTotals> ReadTotalsAsync(string organization, AccountSelection accounts, CancellationToken cancel);

    /// <summary>Why pairs of policies are unknown, most pairs first.</summary>
    Task<IReadOnlyList<UnknownPairs>> CountUnknownAsync(
        string organization, AccountSelection accounts, IReadOnlyCollection<PairPolicy> policies, CancellationToken cancel);

    /// <summary>Lists of the types that were refused or incomplete the last time, by type, account and region.</summary>
    Task<IReadOnlyList<UnreadList>> ListUnreadAsync(
        string organization, AccountSelection accounts, IReadOnlyCollection<string> types, int limit, CancellationToken cancel);

    /// <summary>
    /// Pairs in the order of the policies, then by account_service, region of the list, ARN. With a verdict, a page may have fewer rows than requested
    /// although more follow.
    /// </summary>
    /// <param name="verdict">Null for all.</param>
    Task<Page<PolicyPair>> ListPairsAsync(
        string organization, AccountSelection accounts, IReadOnlyList<PairPolicy> policies, PairVerdict? verdict, PageRequest page, CancellationToken cancel);

    /// <summary>
    /// Stores the state of a day, unless it equals the last one before; an earlier state of the same day is replaced. What is stored already is not written, so
    /// that <see cref="Version"/> stays the same.
    /// </summary>
    Task SaveDayAsync(string organization, DateOnly day, IReadOnlyList<RecordedScore> scores, CancellationToken cancel);

    /// <summary>The stored states of a time, oldest first, with the last one before it.</summary>
    /// <param name="subject">See <see cref="RecordedScore"/>.</param>
    /// <param name="section">Null for the whole framework.</param>
    Task<IReadOnlyList<RecordedScore>> ListDaysAsync(
        string organization, string framework, string subject, string? section, DateOnly from, DateOnly to, CancellationToken cancel);

    /// <summary>A number that changes with every write of any kind; null if it cannot be determined.</summary>
    long? Version();

    /// <summary>Null if there is none.</summary>
    Task<Attestation?> FindAttestationAsync(string organization, string framework, string requirement, CancellationToken cancel);

    /// <summary>By requirement.</summary>
    Task<IReadOnlyList<Attestation>> ListAttestationsAsync(string organization, string framework, CancellationToken cancel);

    /// <summary>Replaces the earlier one of the requirement.</summary>
    Task SaveAttestationAsync(string organization, Attestation attestation, CancellationToken cancel);

    /// <summary>False if there was none.</summary>
    Task<bool> DeleteAttestationAsync(string organization, string framework, string requirement, CancellationToken cancel);
}

/// <summary>A policy whose pairs are read.</summary>
/// <param name="Revision">Verdicts of other revisions do not count.</param>
/// <param name="ResourceType">What it evaluates.</param>
/// <param name="Service">The service of that type.</param>
public sealed record PairPolicy(string PolicyId, long Revision, string ResourceType, string Service);

/// <summary>Pairs that are unknown for a common reason.</summary>
/// <param name="Attribute">What could not be read; null if the reason is another one.</param>
/// <param name="ErrorCode">AWS's code, or Qrie's.</param>
public sealed record UnknownPairs(string PolicyId, string? Attribute, string ErrorCode, long Pairs, int Accounts);

/// <summary>A list that was refused or incomplete.</summary>
public sealed record UnreadList(string ResourceType, string AccountId, string Region, string? ErrorCode, string? Message, DateTimeOffset CheckedAt);

/// <summary>The verdict on a pair, with what has none.</summary>
public enum PairVerdict
{
    Pass,
    Fail,
    NotApplicable,
    Unknown,
    OutOfScope,

    /// <summary>It fails, but an exception holds the finding.</summary>
    Excepted,

    /// <summary>Not yet, or not by the current revision of the policy.</summary>
    NotEvaluated,
}

/// <summary>A (resource, policy) pair.</summary>
/// <param name="Reason">Of an unknown verdict.</param>
/// <param name="EvaluatedAt">Null if it was not evaluated.</param>
public sealed record PolicyPair(
    string PolicyId, string AccountService, string Arn, string ResourceType, string Region, PairVerdict Verdict, UnknownReason? Reason,
    DateTimeOffset? EvaluatedAt);

/// <summary>The score of a framework or section on a day.</summary>
/// <param name="Subject">Whose score: an account id, <c>ou:</c> and a path, or <see cref="Everything"/>.</param>
/// <param name="Section">Null for the whole framework.</param>
/// <param name="FrameworkVersion">As in its file.</param>
/// <param name="Definition">Changes with the framework's requirements.</param>
/// <param name="Policies">Changes with the definitions of its policies.</param>
public sealed record RecordedScore(
    DateOnly Day, string Framework, string Subject, string? Section, string FrameworkVersion, string Definition, string Policies, Score Score)
{
    /// <summary>The subject of all accounts together; no account and no OU has this name.</summary>
    public const string Everything = "*";

    public static string OfOu(string path) => "ou:" + path;
}
