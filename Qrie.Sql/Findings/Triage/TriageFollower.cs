using System.Data.Common;
using Dapper;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings.Triage;

/// <summary>
/// Lets the triage of findings follow their state: a resolution makes the workflow RESOLVED, reopening makes it NEW. Only findings with a row are concerned; in
/// an organization without any, a batch costs one seek.
/// </summary>
internal static class TriageFollower
{
    /// <param name="moved">Findings whose state or severity band changed, in order.</param>
    public static async Task FollowAsync(
        DbTransaction transaction, SqlDatabase database, string organization, IReadOnlyList<(Finding Before, Finding After)> moved, CountDeltas counts)
    {
        if (moved.Count == 0 || !await transaction.Connection!.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM finding_triage WHERE organization = @organization)", new { organization }, transaction))
        {
            return;
        }

        var (changed, entries) = (new HashSet<TriageRow>(), new List<TriageEntryRow>());
        foreach (var group in moved.GroupBy(m => m.After.AccountService))
        {
            var rows = (await TriageRow.ReadAsync(
                transaction, database, organization, group.Key, [.. group.Select(m => m.After.Arn).Distinct()])).ToDictionary(r => (r.Arn, r.PolicyId));
            foreach (var (before, after) in group)
            {
                if (rows.TryGetValue((after.Arn, after.PolicyId), out var row))
                {
                    Follow(row, before, after, counts);
                    if (Record(row, before, after) is { } entry)
                    {
                        changed.Add(row);
                        entries.Add(entry);
                    }
                }
            }
        }

        await TriageRow.SaveAsync(transaction, organization, changed);
        await TriageEntryRow.SaveAsync(transaction, organization, entries);
    }

    /// <summary>The writer of findings counts them as if they had no explicit due date.</summary>
    private static void Follow(TriageRow row, Finding before, Finding after, CountDeltas counts)
    {
        if (Columns.DayOrNull(row.DueOn) is not { } due)
        {
            return;
        }

        if (before.State == FindingState.Active)
        {
            counts.Triage.Move(before, due, null);
        }

        if (after.State == FindingState.Active)
        {
            counts.Triage.Move(after, null, due);
        }
    }

    private static TriageEntryRow? Record(TriageRow row, Finding before, Finding after)
    {
        var (was, isResolved) = (before.State == FindingState.Resolved, after.State == FindingState.Resolved);
        if (was == isResolved)
        {
            return null;
        }

        var at = isResolved ? after.ResolvedAt!.Value : after.OpenedAt;
        row.Workflow = Columns.Name(isResolved ? Workflow.Resolved : Workflow.New);
        row.DueOn = null;
        row.UpdatedAt = Columns.Ms(at);
        row.UpdatedBy = null;
        return new TriageEntryRow
        {
            AccountService = row.AccountService,
            Arn = row.Arn,
            PolicyId = row.PolicyId,
            EntryId = Guid.CreateVersion7(at).ToString(),
            At = row.UpdatedAt,
            Workflow = row.Workflow,
        };
    }
}
