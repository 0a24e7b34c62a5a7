using System.Data.Common;
using Qrie.Domain.Findings.Triage;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings.Triage;

internal sealed class TriageRow
{
    public string AccountService { get; set; } = "";
    public string Arn { get; set; } = "";
    public string PolicyId { get; set; } = "";
    public long FirstSeen { get; set; }
    public string Workflow { get; set; } = "";
    public string? Assignee { get; set; }
    public string? DueOn { get; set; }
    public long UpdatedAt { get; set; }
    public string? UpdatedBy { get; set; }

    public FindingTriage ToTriage() => new(
        Columns.Parse<Workflow>(Workflow), Assignee, Columns.DayOrNull(DueOn), Columns.Time(UpdatedAt), UpdatedBy);

    /// <summary>The rows of resources of an account_service.</summary>
    public static Task<List<TriageRow>> ReadAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string accountService, IReadOnlyCollection<string> arns) =>
        ByArn.ReadAsync<TriageRow>(
            database, transaction.Connection!, transaction, organization, accountService, arns,
            "*", "finding_triage");

    public static Task SaveAsync(DbTransaction transaction, string organization, IReadOnlyCollection<TriageRow> rows) =>
        transaction.ExecuteRowsAsync(
            """
            INSERT INTO finding_triage (organization, account_service, arn, policy_id, first_seen, workflow, assignee, due_on, updated_at, updated_by)
            VALUES (@organization, @AccountService, @Arn, @PolicyId, @FirstSeen, @Workflow, @Assignee, @DueOn, @UpdatedAt, @UpdatedBy)
            ON CONFLICT (organization, account_service, arn, policy_id) DO UPDATE SET
                workflow = excluded.workflow, assignee = excluded.assignee, due_on = excluded.due_on, updated_at = excluded.updated_at,
                updated_by = excluded.updated_by
            """,
            rows.Select(r => new
            {
                organization,
                r.AccountService,
                r.Arn,
                r.PolicyId,
                r.FirstSeen,
                r.Workflow,
                r.Assignee,
                r.DueOn,
                r.UpdatedAt,
                r.UpdatedBy,
            }).ToList());
}

internal sealed class TriageEntryRow
{
    public string AccountService { get; set; } = "";
    public string Arn { get; set; } = "";
    public string PolicyId { get; set; } = "";
    public string EntryId { get; set; } = "";
    public long At { get; set; }
    public string? Actor { get; set; }
    public string? ActorName { get; set; }
    public string? Text { get; set; }
    public string? Workflow { get; set; }
    public string? Assignee { get; set; }
    public string? Due { get; set; }

    public TriageEntry ToEntry() => new(
        EntryId, Columns.Time(At), Actor, ActorName, Text, Columns.ParseOrNull<Workflow>(Workflow), Assignee, Due);

    public static Task SaveAsync(DbTransaction transaction, string organization, IReadOnlyCollection<TriageEntryRow> rows) =>
        transaction.ExecuteRowsAsync(
            """
            INSERT INTO triage_entries (organization, account_service, arn, policy_id, entry_id, at, actor, actor_name, text, workflow, assignee, due)
            VALUES (@organization, @AccountService, @Arn, @PolicyId, @EntryId, @At, @Actor, @ActorName, @Text, @Workflow, @Assignee, @Due)
            """,
            rows.Select(r => new
            {
                organization,
                r.AccountService,
                r.Arn,
                r.PolicyId,
                r.EntryId,
                r.At,
                r.Actor,
                r.ActorName,
                r.Text,
                r.Workflow,
                r.Assignee,
                r.Due,
            }).ToList());
}
