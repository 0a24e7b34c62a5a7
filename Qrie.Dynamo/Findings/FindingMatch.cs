using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;

namespace Qrie.Dynamo.Findings;

/// <summary>The conditions of a filter, for what an index does not have in its key.</summary>
/// <param name="active">The accounts that are in use.</param>
internal sealed class FindingMatch(FindingFilter filter, IReadOnlySet<string> active)
{
    private readonly HashSet<string>? _policies = filter.PolicyIds?.ToHashSet(StringComparer.Ordinal);
    private readonly string? _text = filter.Text is { } text ? Lower(text) : null;

    public bool Matches(Finding finding)
    {
        var (accountId, service) = AccountService.Split(finding.AccountService);
        return (filter.IncludeRemoved || active.Contains(accountId))
            && (filter.AccountId is null || filter.AccountId == accountId)
            && (filter.Service is null || filter.Service == service)
            && (filter.PolicyId is null || filter.PolicyId == finding.PolicyId)
            && _policies?.Contains(finding.PolicyId) != false
            && (filter.State is null || filter.State == finding.State)
            && !(filter.WithoutSuppressed && finding.State == FindingState.Suppressed)
            && !(finding.Severity < filter.SeverityFrom) && !(finding.Severity > filter.SeverityTo)
            && (filter.Region is null || filter.Region == finding.Region)
            && (filter.Type is null || filter.Type == finding.Type)
            && (filter.ArnPrefix is null || finding.Arn.StartsWith(filter.ArnPrefix, StringComparison.Ordinal))
            && (filter.Workflow is null || filter.Workflow == WorkflowOf(finding))
            && (filter.Assignee is null || filter.Assignee == finding.Triage?.Assignee)
            && (filter.Overdue is null || IsOverdue(finding, filter.Overdue))
            && !(finding.FirstSeen < filter.FirstSeenFrom) && !(finding.FirstSeen >= filter.FirstSeenTo)
            && (_text is null || filter.TextPolicyIds?.Contains(finding.PolicyId) == true || Lower(finding.Arn).Contains(_text, StringComparison.Ordinal));
    }

    private static Workflow WorkflowOf(Finding finding) =>
        finding.State == FindingState.Resolved ? Workflow.Resolved : finding.Triage?.Workflow ?? Workflow.New;

    private static bool IsOverdue(Finding finding, OverdueFilter overdue) => finding.State == FindingState.Active
        && (finding.Triage?.DueOn is { } due
            ? due < overdue.Today
            : Periods.DayOf(finding.OpenedAt) < overdue.Settings.OpenedBefore(Severities.BandOf(finding.Severity), overdue.Today));

    /// <summary>ASCII letters only.</summary>
    private static string Lower(string text) => string.Create(text.Length, text, static (span, from) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = char.IsAsciiLetterUpper(from[i]) ? (char)(from[i] | 0x20) : from[i];
        }
    });
}
