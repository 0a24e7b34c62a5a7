using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Findings.Triage;

/// <summary>Changes and comments of findings.</summary>
internal static class TriageItems
{
    public static string EntriesOf(string organization, FindingIdentity finding) =>
        KeyText.Join("triage", organization, finding.AccountService, finding.PolicyId, finding.Arn);

    public static ItemWrite Entry(string organization, FindingIdentity finding, TriageEntry entry) =>
        Documents.New(Documents.Key(EntriesOf(organization, finding), entry.EntryId), entry);

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
