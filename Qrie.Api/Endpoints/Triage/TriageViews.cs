using System.Text.Json.Serialization;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;

namespace Qrie.Api.Endpoints.Triage;

/// <param name="Workflow">NEW, NOTIFIED, IN_PROGRESS, RISK_ACCEPTED or FALSE_POSITIVE.</param>
/// <param name="Assignee">An empty text for nobody.</param>
/// <param name="DueDate">A date, or an empty text for that of the severity.</param>
/// <param name="Comment">At most 4096 bytes.</param>
internal sealed record TriageBody(string? Workflow, string? Assignee, string? DueDate, string? Comment)
{
    public const string Example =
        """{"workflow": "IN_PROGRESS", "assignee": "anna@example.com", "due_date": "2026-12-31", "comment": "Moved to the next sprint."}""";
}

/// <param name="Text">At most 4096 bytes.</param>
internal sealed record CommentBody(string? Text)
{
    public const string Example = """{"text": "The bucket is being replaced."}""";
}

/// <param name="Workflow">NEW, NOTIFIED, IN_PROGRESS, RISK_ACCEPTED, FALSE_POSITIVE or RESOLVED.</param>
/// <param name="Assignee">Null for nobody.</param>
/// <param name="DueDate">Null for a resolved finding.</param>
/// <param name="DueDateIsExplicit">It was set; otherwise it follows from the severity (Triage:Sla).</param>
/// <param name="Overdue">It is ACTIVE and the due date has passed.</param>
/// <param name="OpenedAt">When it opened the last time.</param>
/// <param name="UpdatedAt">Null if nothing was noted yet.</param>
/// <param name="UpdatedBy">As named in the audit log; null if nothing was noted, or if a resolution or reopening reset it.</param>
/// <param name="History">The last changes and comments, newest first.</param>
internal sealed record TriageView(
    string FindingId, string State, string Workflow, string? Assignee, DateOnly? DueDate, bool DueDateIsExplicit, bool Overdue, DateTimeOffset OpenedAt,
    DateTimeOffset? UpdatedAt, string? UpdatedBy, IEnumerable<TriageEntryView> History)
{
    public const string Example =
        $$"""
        {"finding_id": "MTIzNDU2Nzg5MDEyX3Mz", "state": "ACTIVE", "workflow": "IN_PROGRESS", "assignee": "anna@example.com", "due_date": "2026-12-31",
         "due_date_is_explicit": true, "overdue": false, "opened_at": "2026-11-21T08:00:00.000Z", "updated_at": "2026-11-29T08:00:00.000Z",
         "updated_by": "k1a2b3c4", "history": [{{TriageEntryView.Example}}]}
        """;

    public static TriageView From(Finding f, IEnumerable<TriageEntry> history, TriageSettings settings, DateTimeOffset now)
    {
        var due = settings.DueOn(f);
        return new TriageView(
            f.FindingId, ApiEnumNames.Of(f.State), ApiEnumNames.Of(WorkflowOf(f)), f.Triage?.Assignee, due, due is not null && f.Triage?.DueOn is not null,
            IsOverdue(f, due, now), f.OpenedAt, f.Triage?.UpdatedAt, f.Triage?.UpdatedBy, history.Select(TriageEntryView.From));
    }

    public static Workflow WorkflowOf(Finding f) => f.State == FindingState.Resolved ? Domain.Findings.Triage.Workflow.Resolved
        : f.Triage?.Workflow ?? Domain.Findings.Triage.Workflow.New;

    private static bool IsOverdue(Finding f, DateOnly? due, DateTimeOffset now) =>
        f.State == FindingState.Active && due < DateOnly.FromDateTime(now.UtcDateTime);
}

/// <param name="Actor">As named in the audit log; null: the state of the finding changed.</param>
/// <param name="ActorName">Null if it has none.</param>
/// <param name="Text">A comment; null for a change without one.</param>
/// <param name="Workflow">The new workflow; null if it did not change.</param>
/// <param name="Assignee">The new assignee, empty for nobody; null if it did not change.</param>
/// <param name="DueDate">The new due date, empty for that of the severity; null if it did not change.</param>
internal sealed record TriageEntryView(
    string EntryId, DateTimeOffset At, string? Actor, string? ActorName, string? Text, string? Workflow, string? Assignee, string? DueDate)
{
    public const string Example =
        """
        {"entry_id": "019abf3e-51a4-7c3e-9d55-7f0b8a1c2d3e", "at": "2026-11-29T08:00:00.000Z", "actor": "k1a2b3c4", "actor_name": "Anna",
         "text": "Moved to the next sprint.", "workflow": "IN_PROGRESS", "assignee": "anna@example.com", "due_date": "2026-12-31"}
        """;

    public static TriageEntryView From(TriageEntry e) => new(
        e.EntryId, e.At, e.Actor, e.ActorName, e.Text, e.Workflow is { } workflow ? ApiEnumNames.Of(workflow) : null, e.Assignee, e.Due);
}

internal sealed record CommentPage(
    IEnumerable<TriageEntryView> Comments, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken)
{
    public const string Example = $$"""{"comments": [{{TriageEntryView.Example}}], "next_token": "eyJrIjoi…"}""";
}

/// <param name="Changed">Findings that have the new values now.</param>
/// <param name="More">More findings match: repeat the request, if the filter leaves out what was changed.</param>
internal sealed record BulkTriageView(int Changed, bool More)
{
    public const string Example = """{"changed": 120, "more": false}""";
}
