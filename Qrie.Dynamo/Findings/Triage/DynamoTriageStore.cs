using System.Globalization;
using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Outbox;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Findings.Triage;

/// <summary>What people noted is part of the finding's item; the entries are items of their own.</summary>
internal sealed class DynamoTriageStore(DynamoStore store, OutboxApplier outbox) : ITriageStore
{
    /// <summary>Each is a finding, an entry and perhaps a resource.</summary>
    private const int FindingsAtOnce = 30;

    public async Task<IReadOnlyList<Finding>> ChangeAsync(
        string organization, IReadOnlyList<FindingIdentity> findings, TriageChange change, TriageActor actor, CancellationToken cancel)
    {
        var changed = new List<Finding>();
        foreach (var some in findings.Distinct().Chunk(FindingsAtOnce).Select(chunk => chunk.GroupBy(f => (f.AccountService, f.Arn)).ToList()))
        {
            var (found, rows) = await store.WriteAsync(
                async session =>
                {
                    var (batch, done) = (new OutboxBatch(organization), new List<Finding>());
                    var stored = await ResourceVerdicts.LoadAsync(session, organization, [.. some.Select(g => g.Key)]);
                    foreach (var group in some.Where(g => stored.ContainsKey(g.Key)))
                    {
                        var target = stored[group.Key];
                        foreach (var finding in group.Select(f => target.Find(f.PolicyId)).OfType<Finding>().Where(f => f.State != FindingState.Resolved))
                        {
                            done.Add(Change(session, organization, target, finding, change, actor, batch));
                        }

                        if (target.ChangedFindings > 0)
                        {
                            target.Save(session, batch);
                        }
                    }

                    return (done, await batch.SaveAsync(session, actor.Now));
                },
                cancel);
            await outbox.ApplyAsync(organization, rows, cancel);
            changed.AddRange(found);
        }

        return changed;
    }

    public async Task<TriageEntry?> CommentAsync(string organization, FindingIdentity finding, string text, TriageActor actor, CancellationToken cancel)
    {
        if (await store.GetAsync(FindingItems.KeyOf(organization, finding), cancel) is null)
        {
            return null;
        }

        var entry = EntryOf(actor) with { Text = text };
        await store.Calls.WriteAsync(TriageItems.Entry(organization, finding, entry), cancel);
        return entry;
    }

    public Task<Page<TriageEntry>> ListAsync(
        string organization, FindingIdentity finding, bool commentsOnly, PageRequest page, CancellationToken cancel) =>
        store.PageAsync<TriageEntry>(
            new ItemQuery(StoreTables.State, TriageItems.EntriesOf(organization, finding)) { Descending = true, Strong = true }, page.Size, page.After?[0],
            entry => [entry.EntryId], commentsOnly ? entry => entry.Text is not null : null, cancel);

    private static Finding Change(
        WriteSession session, string organization, ResourceVerdicts target, Finding finding, TriageChange change, TriageActor actor, OutboxBatch batch)
    {
        var before = finding.Triage ?? new FindingTriage(Workflow.New, null, null, actor.Now, actor.Id);
        var (entry, after) = (EntryOf(actor) with { Text = change.Text }, before);
        if (change.Workflow is { } workflow && workflow != before.Workflow)
        {
            (entry, after) = (entry with { Workflow = workflow }, after with { Workflow = workflow });
        }

        if (change.Assignee is { } assignee && NullIfEmpty(assignee) != before.Assignee)
        {
            (entry, after) = (entry with { Assignee = assignee }, after with { Assignee = NullIfEmpty(assignee) });
        }

        if (change.Due is { } due && DayOf(due) != before.DueOn)
        {
            (entry, after) = (entry with { Due = due }, after with { DueOn = DayOf(due) });
        }

        if (entry is { Text: null, Workflow: null, Assignee: null, Due: null })
        {
            return finding;
        }

        var noted = finding with { Triage = after with { UpdatedAt = actor.Now, UpdatedBy = actor.Id } };
        target.Note(noted, batch);
        session.Write(TriageItems.Entry(organization, new FindingIdentity(finding.AccountService, finding.Arn, finding.PolicyId), entry));
        return noted;
    }

    private static TriageEntry EntryOf(TriageActor actor) =>
        new(Guid.CreateVersion7(actor.Now).ToString(), actor.Now, actor.Id, actor.Name, null, null, null, null);

    private static DateOnly? DayOf(string due) => due.Length == 0 ? null : DateOnly.ParseExact(due, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
