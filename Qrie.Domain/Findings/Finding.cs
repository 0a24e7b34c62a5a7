using System.Text.Json;
using Qrie.Domain.Findings.Triage;

namespace Qrie.Domain.Findings;

/// <summary>A current or past violation of a policy by a resource, identified by (account_service, ARN, policy).</summary>
public sealed record Finding
{
    public required string AccountService { get; init; }

    public required string Arn { get; init; }

    public required string PolicyId { get; init; }

    public required string Type { get; init; }

    public required string Region { get; init; }

    /// <summary>0-100: the severity of the launched policy when the resource was last evaluated.</summary>
    public required int Severity { get; init; }

    public required FindingState State { get; init; }

    /// <summary>An object of at most 4 KB: the offending parts of the configuration.</summary>
    public required JsonElement Evidence { get; init; }

    /// <summary>Set once; kept when the finding is reopened.</summary>
    public required DateTimeOffset FirstSeen { get; init; }

    /// <summary>When it opened again after its last resolution; null if it was never reopened.</summary>
    public DateTimeOffset? ReopenedAt { get; init; }

    /// <summary>When it opened the last time.</summary>
    public DateTimeOffset OpenedAt => ReopenedAt ?? FirstSeen;

    /// <summary>Advances while ACTIVE; the time of resolution when RESOLVED.</summary>
    public required DateTimeOffset LastEvaluated { get; init; }

    /// <summary>The describe time of the configuration that was last evaluated.</summary>
    public required DateTimeOffset DescribeTime { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    public ResolvedReason? ResolvedReason { get; init; }

    /// <summary>The exception that holds it while it is SUPPRESSED; otherwise null.</summary>
    public string? ExceptionId { get; init; }

    /// <summary>The scan that last changed it; null for an event or a change of the policy.</summary>
    public string? ScanId { get; init; }

    /// <summary>The last state changes, newest first.</summary>
    public IReadOnlyList<FindingTransition> Transitions { get; init; } = [];

    /// <summary>What people noted about it; null if nothing was noted, or if it was not read.</summary>
    public FindingTriage? Triage { get; init; }

    /// <summary>A stable name for links.</summary>
    public string FindingId => new FindingIdentity(AccountService, Arn, PolicyId).ToId();
}

public enum FindingState
{
    Active,
    Resolved,

    /// <summary>It violates the policy, but an exception is in force: it is not counted as open.</summary>
    Suppressed,
}

/// <summary>Why a finding was resolved.</summary>
public enum ResolvedReason
{
    Compliant,
    NotApplicable,
    ResourceDeleted,
    ScopeExcluded,
    PolicySuspended,
    PolicyDeleted,
}

/// <summary>A state change.</summary>
/// <param name="ExceptionId">The exception because of which it was suppressed; null for other states.</param>
public sealed record FindingTransition(FindingState State, DateTimeOffset At, ResolvedReason? Reason, string? ScanId, string? ExceptionId = null);
