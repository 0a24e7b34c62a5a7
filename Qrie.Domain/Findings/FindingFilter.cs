using Qrie.Domain.Findings.Triage;

namespace Qrie.Domain.Findings;

/// <summary>The filter of a finding list; all given conditions must hold, null means unrestricted.</summary>
/// <param name="SeverityFrom">Inclusive, as <paramref name="SeverityTo"/>.</param>
/// <param name="Type">A resource type, <c>AWS::S3::Bucket</c>.</param>
/// <param name="ArnPrefix">Matched literally.</param>
/// <param name="FirstSeenFrom">Inclusive.</param>
/// <param name="FirstSeenTo">Exclusive.</param>
/// <param name="IncludeRemoved">Includes findings of removed accounts.</param>
/// <param name="PolicyIds">Findings of any of these policies; none if it is empty.</param>
/// <param name="Text">Is in the ARN, in whatever case of ASCII letters, or the policy is one of <paramref name="TextPolicyIds"/>.</param>
/// <param name="TextPolicyIds">The policies that the text names; null: none.</param>
/// <param name="WithoutSuppressed">Leaves out SUPPRESSED findings.</param>
/// <param name="Workflow">
/// <see cref="Triage.Workflow.Resolved"/> are resolved findings, <see cref="Triage.Workflow.New"/> others without another workflow.
/// </param>
/// <param name="Assignee">Exactly.</param>
/// <param name="Overdue">Overdue findings only; null means all.</param>
/// <param name="Order">The order of lists; counts ignore it.</param>
public sealed record FindingFilter(
    string? AccountId = null, string? Service = null, string? PolicyId = null, FindingState? State = null, int? SeverityFrom = null, int? SeverityTo = null,
    string? Region = null, string? Type = null, string? ArnPrefix = null, DateTimeOffset? FirstSeenFrom = null, DateTimeOffset? FirstSeenTo = null,
    bool IncludeRemoved = false, IReadOnlyList<string>? PolicyIds = null, string? Text = null, IReadOnlyList<string>? TextPolicyIds = null,
    bool WithoutSuppressed = false, Workflow? Workflow = null, string? Assignee = null, OverdueFilter? Overdue = null,
    FindingOrder Order = FindingOrder.FirstSeen);

/// <summary>
/// The order of a list. Within equal values, and for <see cref="FirstSeen"/>: newest first, then ARN, policy, account_service; within a resource by policy.
/// </summary>
public enum FindingOrder
{
    FirstSeen,

    /// <summary>The most severe first.</summary>
    Severity,

    /// <summary>By policy id.</summary>
    Policy,

    /// <summary>By account id.</summary>
    Account,

    /// <summary>By ARN, account_service, policy.</summary>
    Resource,
}
