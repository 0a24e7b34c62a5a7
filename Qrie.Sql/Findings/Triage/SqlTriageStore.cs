using System.Data.Common;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings.Triage;

public sealed class SqlTriageStore(SqlDatabase database) : ITriageStore
{
    public Task<IReadOnlyList<Finding>> ChangeAsync(
        string organization, IReadOnlyList<FindingIdentity> findings, TriageChange change, TriageActor actor, CancellationToken cancel) =>
        database.WriteAsync<IReadOnlyList<Finding>>(
            organization,
            async transaction =>
            {
                var (counts, changed) = (new CountDeltas(organization), new List<Finding>());
                var (rows, entries) = (new List<TriageRow>(), new List<TriageEntryRow>());
                foreach (var group in findings.Distinct().GroupBy(f => f.AccountService))
                {
                    var wanted = group.ToHashSet();
                    List<string> arns = [.. wanted.Select(w => w.Arn).Distinct()];
                    var known = (await TriageRow.ReadAsync(transaction, database, organization, group.Key, arns)).ToDictionary(r => (r.Arn, r.PolicyId));
                    foreach (var finding in await UnresolvedAsync(transaction, organization, group.Key, arns))
                    {
                        if (wanted.Contains(new FindingIdentity(finding.AccountService, finding.Arn, finding.PolicyId)))
                        {
                            var row = known.GetValueOrDefault((finding.Arn, finding.PolicyId)) ?? NewRow(finding);
                            if (Change(row, finding, change, actor, counts) is { } entry)
                            {
                                rows.Add(row);
                                entries.Add(entry);
                            }

                            changed.Add(finding with { Triage = row.ToTriage() });
                        }
                    }
                }

                await TriageRow.SaveAsync(transaction, organization, rows);
                await TriageEntryRow.SaveAsync(transaction, organization, entries);
                await counts.SaveAsync(transaction);
                return changed;
            },
            cancel);

    public Task<TriageEntry?> CommentAsync(string organization, FindingIdentity finding, string text, TriageActor actor, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            async transaction =>
            {
                var exists = await transaction.Connection!.ExecuteScalarAsync<bool>(
                    """
                    SELECT EXISTS (SELECT 1 FROM findings WHERE organization = @organization AND account_service = @AccountService AND arn = @Arn
                                   AND policy_id = @PolicyId)
                    """,
                    new { organization, finding.AccountService, finding.Arn, finding.PolicyId }, transaction);
                if (!exists)
                {
                    return null;
                }

                var entry = EntryOf(finding, actor);
                entry.Text = text;
                await TriageEntryRow.SaveAsync(transaction, organization, [entry]);
                return entry.ToEntry();
            },
            cancel);

    public Task<Page<TriageEntry>> ListAsync(
        string organization, FindingIdentity finding, bool commentsOnly, PageRequest page, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => Paged.Of(
                (await connection.QueryAsync<TriageEntryRow>(
                    $"""
                    SELECT * FROM triage_entries
                    WHERE organization = @organization AND account_service = @AccountService AND arn = @Arn AND policy_id = @PolicyId
                      AND (@after IS NULL OR entry_id < @after) {(commentsOnly ? "AND text IS NOT NULL" : "")}
                    ORDER BY entry_id DESC LIMIT @limit
                    """,
                    new { organization, finding.AccountService, finding.Arn, finding.PolicyId, after = page.After?[0], limit = page.Size + 1 })).AsList(),
                page.Size, row => row.ToEntry(), row => [row.EntryId]),
            cancel);

    private async Task<List<Finding>> UnresolvedAsync(
        DbTransaction transaction, string organization, string accountService, IReadOnlyCollection<string> arns) =>
    [
        .. (await ByArn.ReadAsync<FindingRow>(
            database, transaction.Connection!, transaction, organization, accountService, arns,
            "*", "findings", " AND state <> 'resolved'")).Select(row => row.ToFinding()),
    ];

    private static TriageRow NewRow(Finding finding) => new()
    {
        AccountService = finding.AccountService,
        Arn = finding.Arn,
        PolicyId = finding.PolicyId,
        FirstSeen = Columns.Ms(finding.FirstSeen),
        Workflow = Columns.Name(Workflow.New),
    };

    /// <summary>The entry of a change; null if nothing changes.</summary>
    private static TriageEntryRow? Change(TriageRow row, Finding finding, TriageChange change, TriageActor actor, CountDeltas counts)
    {
        var entry = EntryOf(new FindingIdentity(finding.AccountService, finding.Arn, finding.PolicyId), actor);
        entry.Text = change.Text;
        if (change.Workflow is { } workflow && Columns.Name(workflow) != row.Workflow)
        {
            row.Workflow = entry.Workflow = Columns.Name(workflow);
        }

        if (change.Assignee is { } assignee && NullIfEmpty(assignee) != row.Assignee)
        {
            (row.Assignee, entry.Assignee) = (NullIfEmpty(assignee), assignee);
        }

        if (change.Due is { } due && NullIfEmpty(due) != row.DueOn)
        {
            if (finding.State == FindingState.Active)
            {
                counts.Triage.Move(finding, Columns.DayOrNull(row.DueOn), Columns.DayOrNull(NullIfEmpty(due)));
            }

            (row.DueOn, entry.Due) = (NullIfEmpty(due), due);
        }

        if (entry is { Text: null, Workflow: null, Assignee: null, Due: null })
        {
            return null;
        }

        (row.UpdatedAt, row.UpdatedBy) = (entry.At, actor.Id);
        return entry;
    }

    private static TriageEntryRow EntryOf(FindingIdentity finding, TriageActor actor) => new()
    {
        AccountService = finding.AccountService,
        Arn = finding.Arn,
        PolicyId = finding.PolicyId,
        EntryId = Guid.CreateVersion7(actor.Now).ToString(),
        At = Columns.Ms(actor.Now),
        Actor = actor.Id,
        ActorName = actor.Name,
    };

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
