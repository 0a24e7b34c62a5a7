using System.Text.Json;

namespace Qrie.Ui.Api;

public sealed record FindingPage(IReadOnlyList<Finding> Findings, int Count, string? NextToken);

public sealed record GroupPage(string By, IReadOnlyList<FindingGroup> Groups, string? NextToken);

public sealed record FindingGroup(
    string Key, string? AccountService, string? ResourceType, string Worst, long Findings, long Critical, long High, long Medium, long Low);

public record Finding(
    string FindingId, string Arn, string Policy, string AccountService, string ResourceType, string Region, int Severity, string State,
    DateTimeOffset FirstSeen, DateTimeOffset LastEvaluated, JsonElement Evidence, DateTimeOffset DescribeTime, DateTimeOffset? ResolvedAt,
    string? ResolvedReason, string? ExceptionId, string? ScanId, string Workflow, string? Assignee)
{
    public bool IsActive => State == "ACTIVE";

    public bool IsSuppressed => State == "SUPPRESSED";
}

public sealed record FindingDetail(
    string FindingId, string Arn, string Policy, string AccountService, string ResourceType, string Region, int Severity, string State,
    DateTimeOffset FirstSeen, DateTimeOffset LastEvaluated, JsonElement Evidence, DateTimeOffset DescribeTime, DateTimeOffset? ResolvedAt,
    string? ResolvedReason, string? ExceptionId, string? ScanId, string Workflow, string? Assignee, string? Title, string? Description,
    string? Category, string? Remediation, string? Fix,
    IReadOnlyList<string> References, IReadOnlyDictionary<string, IReadOnlyList<Equivalent>> Equivalents,
    IReadOnlyList<CheckedRequirement> Requirements, IReadOnlyList<Transition> Transitions)
    : Finding(
        FindingId, Arn, Policy, AccountService, ResourceType, Region, Severity, State, FirstSeen, LastEvaluated, Evidence, DescribeTime, ResolvedAt,
        ResolvedReason, ExceptionId, ScanId, Workflow, Assignee);

/// <param name="DueDate">Null: it is resolved.</param>
public sealed record Triage(
    string FindingId, string State, string Workflow, string? Assignee, DateOnly? DueDate, bool DueDateIsExplicit, bool Overdue,
    IReadOnlyList<TriageEntry> History);

/// <param name="Actor">Null: the state of the finding changed.</param>
public sealed record TriageEntry(
    string EntryId, DateTimeOffset At, string? Actor, string? ActorName, string? Text, string? Workflow, string? Assignee, string? DueDate);

public sealed record CheckedRequirement(string Framework, string FrameworkTitle, string Requirement, string Title);

public sealed record Equivalent(string Id, string Covers, string? Why);

public sealed record Transition(string State, DateTimeOffset At, string? Reason, string? ScanId);
