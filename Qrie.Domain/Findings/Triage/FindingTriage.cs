using Qrie.Domain.Catalog;

namespace Qrie.Domain.Findings.Triage;

/// <summary>How far people are with a finding. It changes neither its state nor any count of it.</summary>
public enum Workflow
{
    /// <summary>Nobody has looked at it.</summary>
    New,

    /// <summary>Its owner was told.</summary>
    Notified,

    /// <summary>It is being fixed.</summary>
    InProgress,

    /// <summary>It is to stay; only an exception takes it out of the counts.</summary>
    RiskAccepted,

    /// <summary>It is thought to be wrong.</summary>
    FalsePositive,

    /// <summary>The finding is RESOLVED. Follows from its state and cannot be set.</summary>
    Resolved,
}

/// <summary>What people noted about a finding; a finding without it is <see cref="Workflow.New"/>, or <see cref="Workflow.Resolved"/>.</summary>
/// <param name="Assignee">Null for nobody.</param>
/// <param name="DueOn">A date that was set explicitly; null for that of the severity.</param>
/// <param name="UpdatedBy">As named in the audit log; null: a resolution or reopening reset it.</param>
public sealed record FindingTriage(Workflow Workflow, string? Assignee, DateOnly? DueOn, DateTimeOffset UpdatedAt, string? UpdatedBy);

/// <summary>A change or a comment. Entries are never changed or deleted, but with their account.</summary>
/// <param name="EntryId">A UUID that sorts by time.</param>
/// <param name="Actor">As named in the audit log; null: the state of the finding changed.</param>
/// <param name="ActorName">Null if it has none.</param>
/// <param name="Text">A comment; null for a change without one.</param>
/// <param name="Workflow">The new workflow; null if it did not change.</param>
/// <param name="Assignee">The new assignee, empty for nobody; null if it did not change.</param>
/// <param name="Due">The new explicit due date, empty for that of the severity; null if it did not change.</param>
public sealed record TriageEntry(
    string EntryId, DateTimeOffset At, string? Actor, string? ActorName, string? Text, Workflow? Workflow, string? Assignee, string? Due);

/// <summary>New values; null for no change.</summary>
/// <param name="Assignee">Empty for nobody.</param>
/// <param name="Due">A date, or empty for that of the severity.</param>
/// <param name="Text">A comment.</param>
public sealed record TriageChange(Workflow? Workflow, string? Assignee, string? Due, string? Text);

/// <summary>Until when findings should be resolved: whole days, UTC, from the day on which they opened. A finding is overdue from the day after.</summary>
public sealed record TriageSettings(int Critical = 7, int High = 30, int Medium = 90, int Low = 180)
{
    public int DaysOf(SeverityBand band) => band switch
    {
        SeverityBand.Critical => Critical,
        SeverityBand.High => High,
        SeverityBand.Medium => Medium,
        _ => Low,
    };

    /// <summary>Null for a finding that is resolved.</summary>
    public DateOnly? DueOn(Finding finding) => finding.State == FindingState.Resolved ? null
        : finding.Triage?.DueOn ?? DateOnly.FromDateTime(finding.OpenedAt.UtcDateTime).AddDays(DaysOf(Severities.BandOf(finding.Severity)));

    /// <summary>Findings that opened on an earlier day than this are overdue.</summary>
    public DateOnly OpenedBefore(SeverityBand band, DateOnly today) => today.AddDays(-DaysOf(band));
}

/// <summary>
/// Which findings are overdue: active ones that opened before a day, which depends on the severity, or with an explicit due date before today.
/// </summary>
public sealed record OverdueFilter(TriageSettings Settings, DateOnly Today);

/// <summary>Resolutions of the last days, and what is overdue, by severity.</summary>
/// <param name="Seconds">From opening to resolution, all together.</param>
public sealed record TriageCounts(SeverityBand Band, long Overdue, long Resolved, long Seconds);
