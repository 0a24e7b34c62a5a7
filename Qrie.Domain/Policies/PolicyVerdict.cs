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
/// <param name="Code">
/// AWS's error code, or one of ours: EVALUATION_ERROR, MISSING_VALUE, UNDECIDED, SCOPE_UNKNOWN, what a function says that it would have to know.
/// </param>
/// <param name="Detail">With UNDECIDED what could not be decided, the statement of a policy document; else null.</param>
public sealed record UnknownReason(string? Attribute, string Code, string? Detail = null)
{
    public const string EvaluationError = "EVALUATION_ERROR";

    /// <summary>AWS's response lacks a required value that AWS otherwise always returns.</summary>
    public const string MissingValue = "MISSING_VALUE";

    /// <summary>Everything was read, and a function cannot tell what it means.</summary>
    public const string Undecided = "UNDECIDED";

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
