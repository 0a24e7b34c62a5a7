namespace Qrie.Domain.Compliance;

/// <summary>The state of a requirement.</summary>
public enum RequirementState
{
    /// <summary>Every applicable pair in scope passes, and everything that the requirement concerns was read and evaluated.</summary>
    Passed,

    /// <summary>At least one pair fails.</summary>
    Failed,

    /// <summary>No pair fails, but something could not be read.</summary>
    Unknown,

    /// <summary>There is nothing that the requirement applies to.</summary>
    NotApplicable,

    /// <summary>No pair fails and nothing was refused, but not everything was looked at; the causes say what.</summary>
    NotAssessed,

    /// <summary>No configuration shows it: an attestation may.</summary>
    Manual,
}

/// <summary>Why a requirement is unknown or not assessed.</summary>
public enum CauseKind
{
    /// <summary>Pairs are unknown, because an attribute could not be read.</summary>
    ReadRefused,

    /// <summary>Resources could not be listed in an account and region.</summary>
    ListRefused,

    /// <summary>The regions of an account could not be determined.</summary>
    RegionsRefused,

    /// <summary>The policy runs with a stricter value than is demanded: what it passes is right, what it fails may be right.</summary>
    StricterParams,

    NotLaunched,

    Suspended,

    /// <summary>The policy runs with a value that does not show what is demanded.</summary>
    OtherParams,

    /// <summary>An account was never inventoried, or not the service of the policy.</summary>
    NotInventoried,

    /// <summary>Resources have no verdict of the policy yet.</summary>
    NotEvaluated,

    /// <summary>The policy's scope leaves out everything.</summary>
    OutOfScope,

    /// <summary>Nothing but pairs that are held by exceptions is left.</summary>
    Excepted,

    /// <summary>No policy of the catalog checks the requirement.</summary>
    NotChecked,
}

/// <summary>A reason for a state.</summary>
/// <param name="PolicyId">Null if it does not concern one policy.</param>
/// <param name="Count">Of pairs, lists, accounts or resources, as the kind says; 0 if there is nothing to count.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record AssessmentCause(CauseKind Kind, string? PolicyId, long Count, string Message)
{
    /// <summary>Whether something was refused; else it was not looked at.</summary>
    public bool IsUnknown => Kind is CauseKind.ReadRefused or CauseKind.ListRefused or CauseKind.RegionsRefused or CauseKind.StricterParams;
}
