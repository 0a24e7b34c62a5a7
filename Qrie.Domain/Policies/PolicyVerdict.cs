using System.Text.Json;

namespace Qrie.Domain.Policies;

/// <summary>The result of a policy for a resource.</summary>
public enum Verdict
{
    Pass,
    Fail,
    NotApplicable,

    /// <summary>A decisive attribute could not be read. Never a pass and never a finding.</summary>
    Unknown,
}

/// <summary>Why a verdict is unknown.</summary>
/// <param name="Attribute">The top-level attribute that was touched and is unknown; null when the expression itself failed.</param>
/// <param name="Code">AWS's error code, or one of ours: EVALUATION_ERROR, MISSING_VALUE, SCOPE_UNKNOWN, what <c>undecided()</c> was given.</param>
public sealed record UnknownReason(string? Attribute, string Code)
{
    public const string EvaluationError = "EVALUATION_ERROR";

    /// <summary>AWS answered without a value that the policy needs, and that AWS otherwise always tells.</summary>
    public const string MissingValue = "MISSING_VALUE";

    public const string ScopeUnknown = "SCOPE_UNKNOWN";

    /// <summary>A lookup found nothing, but not everything it searches was covered.</summary>
    public const string NotCovered = "NotCovered";
}

/// <summary>One policy's verdict on one resource.</summary>
public sealed record PolicyVerdict
{
    /// <summary>A shared instance: a scan returns millions of passes.</summary>
    public static readonly PolicyVerdict Pass = new() { Verdict = Verdict.Pass };

    public static readonly PolicyVerdict NotApplicable = new() { Verdict = Verdict.NotApplicable };

    public required Verdict Verdict { get; init; }

    /// <summary>An object of at most 4 KB; only with <see cref="Verdict.Fail"/>.</summary>
    public JsonElement? Evidence { get; init; }

    /// <summary>Only with <see cref="Verdict.Unknown"/>.</summary>
    public UnknownReason? Reason { get; init; }
}
