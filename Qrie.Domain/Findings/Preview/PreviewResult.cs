using System.Text.Json;
using Qrie.Domain.Access;
using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Findings.Preview;

/// <summary>What a caller wants to try; null: as the policy is launched, else as it is defined.</summary>
public sealed record PreviewRequest(
    string Organization, string PolicyId, PolicyScope? Scope = null, int? Severity = null, IReadOnlyDictionary<string, JsonElement>? Params = null);

/// <summary>What launching or changing a policy would do to the findings that are there now.</summary>
public sealed record PreviewResult
{
    /// <summary>The policy as it was tried.</summary>
    public required ActivePolicy Policy { get; init; }

    /// <summary>What it is now; null: it is not launched.</summary>
    public required PolicyStatus? Status { get; init; }

    /// <summary>The time that was evaluated by.</summary>
    public required DateTimeOffset At { get; init; }

    public required VerdictCounts Verdicts { get; init; }

    public required IReadOnlyDictionary<string, VerdictCounts> ByAccount { get; init; }

    public required IReadOnlyDictionary<string, VerdictCounts> ByRegion { get; init; }

    /// <summary>How many resources each reason keeps from a verdict.</summary>
    public required IReadOnlyDictionary<UnknownReason, long> UnknownReasons { get; init; }

    public required long WouldOpen { get; init; }

    public required long WouldReopen { get; init; }

    public required IReadOnlyDictionary<ResolvedReason, long> WouldResolve { get; init; }

    /// <summary>ACTIVE findings that stay so, those included whose verdict would be unknown.</summary>
    public required long WouldStay { get; init; }

    /// <summary>Of those that stay: how many would go from one severity to another.</summary>
    public required IReadOnlyDictionary<(int From, int To), long> SeverityChanges { get; init; }

    /// <summary>ACTIVE findings by band, as they are.</summary>
    public required IReadOnlyDictionary<SeverityBand, long> OpenNow { get; init; }

    /// <summary>ACTIVE findings by band, as they would be.</summary>
    public required IReadOnlyDictionary<SeverityBand, long> OpenThen { get; init; }

    /// <summary>Some of the findings that it would touch: of every kind of change, in the order of account_service and ARN.</summary>
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

    /// <param name="verdict">Null: out of scope.</param>
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

/// <summary>What would become of a finding.</summary>
public enum PreviewedChange
{
    Open,
    Reopen,
    Resolve,
    Severity,
    Stay,
}

/// <summary>A finding as it would be.</summary>
/// <param name="Reason">Why it would be resolved; null: it would not.</param>
/// <param name="Evidence">Of one that would be resolved, what it shows until then.</param>
public sealed record PreviewSample(
    string AccountService, string Arn, string Region, PreviewedChange Change, ResolvedReason? Reason, int Severity, JsonElement Evidence);
