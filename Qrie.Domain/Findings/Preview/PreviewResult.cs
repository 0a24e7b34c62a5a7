using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Findings.Preview;

/// <summary>The settings to preview; null for those of the launched policy, else of the definition.</summary>
public sealed record PreviewRequest(
    string Organization, string PolicyId, PolicyScope? Scope = null, int? Severity = null, IReadOnlyDictionary<string, JsonElement>? Params = null);

/// <summary>The effect of launching or changing a policy on the current findings.</summary>
public sealed record PreviewResult
{
    /// <summary>The policy with the previewed settings.</summary>
    public required ActivePolicy Policy { get; init; }

    /// <summary>Its current status; null if it is not launched.</summary>
    public required PolicyStatus? Status { get; init; }

    /// <summary>The evaluation time.</summary>
    public required DateTimeOffset At { get; init; }

    public required VerdictCounts Verdicts { get; init; }

    public required IReadOnlyDictionary<string, VerdictCounts> ByAccount { get; init; }

    public required IReadOnlyDictionary<string, VerdictCounts> ByRegion { get; init; }

    /// <summary>The number of resources without a verdict, by reason.</summary>
    public required IReadOnlyDictionary<UnknownReason, long> UnknownReasons { get; init; }

    public required long WouldOpen { get; init; }

    public required long WouldReopen { get; init; }

    public required IReadOnlyDictionary<ResolvedReason, long> WouldResolve { get; init; }

    /// <summary>ACTIVE findings that stay open, including those whose verdict would be unknown.</summary>
    public required long WouldStay { get; init; }

    /// <summary>Findings that stay open with another severity, by old and new severity.</summary>
    public required IReadOnlyDictionary<(int From, int To), long> SeverityChanges { get; init; }

    /// <summary>Current ACTIVE findings by band.</summary>
    public required IReadOnlyDictionary<SeverityBand, long> OpenNow { get; init; }

    /// <summary>ACTIVE findings by band afterwards.</summary>
    public required IReadOnlyDictionary<SeverityBand, long> OpenThen { get; init; }

    /// <summary>A sample of the affected findings, with every kind of change, ordered by account_service and ARN.</summary>
    public required IReadOnlyList<PreviewSample> Samples { get; init; }
}

/// <summary>Resources by verdict.</summary>
public sealed record VerdictCounts
{
    public long Pass { get; set; }

    public long Fail { get; set; }

    public long NotApplicable { get; set; }

    public long Unknown { get; set; }

    public long OutOfScope { get; set; }

    public long Resources => Pass + Fail + NotApplicable + Unknown + OutOfScope;

    /// <param name="verdict">Null if out of scope.</param>
    internal void Count(Verdict? verdict)
    {
        switch (verdict)
        {
            case Verdict.Pass:
                Pass++;
                break;
            case Verdict.Fail:
                Fail++;
                break;
            case Verdict.NotApplicable:
                NotApplicable++;
                break;
            case Verdict.Unknown:
                Unknown++;
                break;
            default:
                OutOfScope++;
                break;
        }
    }

    internal void Add(VerdictCounts other)
    {
        Pass += other.Pass;
        Fail += other.Fail;
        NotApplicable += other.NotApplicable;
        Unknown += other.Unknown;
        OutOfScope += other.OutOfScope;
    }
}

/// <summary>The effect on a finding.</summary>
public enum PreviewedChange
{
    Open,
    Reopen,
    Resolve,
    Severity,
    Stay,
}

/// <summary>A finding after the change.</summary>
/// <param name="Reason">Why it would be resolved; null if it would not.</param>
/// <param name="Evidence">For a finding that would be resolved, its current evidence.</param>
public sealed record PreviewSample(
    string AccountService, string Arn, string Region, PreviewedChange Change, ResolvedReason? Reason, int Severity, JsonElement Evidence);
