using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Findings.Triage;

/// <summary>Changes and comments of findings.</summary>
internal static class TriageItems
{
    /// <summary>The partition, if the key cannot hold it.</summary>
    private const string Partition = "Partition";

    public static string EntriesOf(string organization, FindingIdentity finding) =>
        KeyText.Join("triage", organization, finding.AccountService, finding.PolicyId, finding.Arn);

    public static ItemWrite Entry(string organization, FindingIdentity finding, TriageEntry entry)
    {
        var partition = EntriesOf(organization, finding);
        var write = Documents.New(Documents.Key(partition, entry.EntryId), entry);
        write.Item!.Set(Partition, write.Key.Hash == partition ? null : partition);
        return write;
    }

    /// <summary>The organization and the finding of an entry.</summary>
    public static (string Organization, FindingIdentity Finding) FindingOf(Item entry)
    {
        var parts = (entry.Text(Partition) ?? entry.RequiredText(StoreTables.State.Hash)).Split(KeyText.Separator, 5);
        return (parts[1], new FindingIdentity(parts[2], parts[4], parts[3]));
    }

    /// <summary>A resolution makes the workflow RESOLVED, reopening makes it NEW. Null if nothing was noted, or the state stays so.</summary>
    /// <param name="after">Without triage of its own.</param>
    public static (FindingTriage Triage, TriageEntry Entry)? Follow(Finding before, Finding after)
    {
        var isResolved = after.State == FindingState.Resolved;
        if (before.Triage is not { } noted || (before.State == FindingState.Resolved) == isResolved)
        {
            return null;
        }

        var at = isResolved ? after.ResolvedAt!.Value : after.OpenedAt;
        var workflow = isResolved ? Workflow.Resolved : Workflow.New;
        return (
            noted with { Workflow = workflow, DueOn = null, UpdatedAt = at, UpdatedBy = null },
            new TriageEntry(Guid.CreateVersion7(at).ToString(), at, null, null, null, workflow, null, null));
    }
}
