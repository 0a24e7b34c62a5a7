using System.Text.Json;
using System.Text.Json.Serialization;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Endpoints.Triage;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;

namespace Qrie.Api.Endpoints.Findings;

internal sealed record FindingPage(
    IEnumerable<FindingView> Findings, int Count, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken);

internal sealed record FindingGroupPage(
    string By, IEnumerable<FindingGroupView> Groups, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken)
{
    public const string Example =
        """
        {"by": "resource",
         "groups": [{"key": "arn:aws:s3:::web-assets", "account_service": "123456789012_s3", "resource_type": "AWS::S3::Bucket", "worst": "critical",
                     "findings": 4, "critical": 1, "high": 2, "medium": 1, "low": 0}],
         "next_token": "eyJrIjoi…"}
        """;
}

/// <param name="Key">A policy id, an account id, or the ARN of a resource.</param>
/// <param name="AccountService">Of a resource; otherwise null.</param>
/// <param name="ResourceType">Of a resource; otherwise null.</param>
/// <param name="Worst">critical, high, medium or low.</param>
internal sealed record FindingGroupView(
    string Key, string? AccountService, string? ResourceType, string Worst, long Findings, long Critical, long High, long Medium, long Low)
{
    public static FindingGroupView From(FindingGroup g) => new(
        g.Key, g.AccountService, g.Type, ApiEnumNames.Of(g.Worst), g.Total, g.Critical, g.High, g.Medium, g.Low);
}

/// <param name="ExceptionId">The exception that holds it while it is SUPPRESSED; otherwise null.</param>
/// <param name="Workflow">NEW, NOTIFIED, IN_PROGRESS, RISK_ACCEPTED, FALSE_POSITIVE or RESOLVED.</param>
/// <param name="Assignee">Null for nobody.</param>
internal record FindingView(
    string FindingId, string Arn, string Policy, string AccountService, string ResourceType, string Region, int Severity, string State,
    DateTimeOffset FirstSeen, DateTimeOffset LastEvaluated, JsonElement Evidence, DateTimeOffset DescribeTime, DateTimeOffset? ResolvedAt,
    string? ResolvedReason, string? ExceptionId, string? ScanId, string Workflow, string? Assignee)
{
    public static FindingView From(Finding f) => new(
        f.FindingId, f.Arn, f.PolicyId, f.AccountService, f.Type, f.Region, f.Severity, ApiEnumNames.Of(f.State), f.FirstSeen, f.LastEvaluated,
        f.Evidence, f.DescribeTime, f.ResolvedAt, f.ResolvedReason is { } reason ? ApiEnumNames.Of(reason) : null, f.ExceptionId, f.ScanId,
        ApiEnumNames.Of(TriageView.WorkflowOf(f)), f.Triage?.Assignee);
}

/// <param name="Title">Of the policy; like what follows null when neither the catalog nor a launch knows it any more.</param>
/// <param name="Remediation">Markdown: of the launched policy, else of its definition.</param>
/// <param name="Fix">A command line for this resource; a part in braces could not be filled. Null: the policy has none.</param>
/// <param name="Equivalents">Equivalent checks of other tools, by kind.</param>
/// <param name="Requirements">Requirements of compliance frameworks that the policy checks.</param>
/// <param name="Transitions">The last changes of its state, newest first.</param>
/// <param name="Resource">Null: it is not stored.</param>
internal sealed record FindingDetailView(
    [property: JsonIgnore] FindingView Of, string? Title, string? Description,
    string? Category, string? Remediation, string? Fix, IReadOnlyList<string> References,
    IReadOnlyDictionary<string, IReadOnlyList<EquivalentView>> Equivalents, IEnumerable<CheckedRequirementView> Requirements,
    IEnumerable<TransitionView> Transitions, ResourceShortView? Resource)
    : FindingView(Of);

internal sealed record CheckedRequirementView(string Framework, string FrameworkTitle, string Requirement, string Title);

/// <param name="ScanId">Null for an event, a change of the policy or of an exception.</param>
/// <param name="ExceptionId">The exception because of which it was suppressed; otherwise null.</param>
internal sealed record TransitionView(string State, DateTimeOffset At, string? Reason, string? ScanId, string? ExceptionId)
{
    public static TransitionView From(FindingTransition t) =>
        new(ApiEnumNames.Of(t.State), t.At, t.Reason is { } reason ? ApiEnumNames.Of(reason) : null, t.ScanId, t.ExceptionId);
}

/// <param name="Tags">Null if they could not be read.</param>
/// <param name="DeletedAt">Null if it exists.</param>
internal sealed record ResourceShortView(
    string Arn, string AccountService, string ResourceType, string ResourceId,
    string Region, IReadOnlyDictionary<string, string>? Tags, DateTimeOffset FirstSeen,
    DateTimeOffset LastSeenAt, DateTimeOffset DescribeTime, DateTimeOffset? DeletedAt)
{
    public static ResourceShortView From(StoredResource r) => new(
        r.Arn, r.AccountService, r.Type, r.Id, r.Region, r.Tags, r.FirstSeen, r.LastSeen, r.DescribeTime, r.DeletedAt);
}
