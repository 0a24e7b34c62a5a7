using System.Text.Json;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;

namespace Qrie.Sql.Findings;

internal sealed class FindingRow
{
    /// <summary>
    /// Reads findings for display: the last evaluation of an active one includes complete evaluations of the account_service with its policy, which do not
    /// update the finding itself.
    /// </summary>
    /// <param name="from"><c>findings f</c> and its joins.</param>
    /// <param name="where">The condition after WHERE.</param>
    public static string Select(string from, string where) =>
        $"""
        SELECT f.account_service, f.arn, f.policy_id, f.account_id, f.service, f.type, f.region, f.severity, f.state, f.evidence, f.first_seen,
               CASE WHEN f.state <> 'resolved' AND j.evaluated_at > f.last_evaluated THEN j.evaluated_at ELSE f.last_evaluated END AS last_evaluated,
               f.describe_time, f.resolved_at, f.resolved_reason, f.exception_id, f.scan_id, f.transitions, f.reopened_at,
               t.workflow, t.assignee, t.due_on, t.updated_at AS triaged_at, t.updated_by AS triaged_by
        FROM {from}
        LEFT JOIN policy_evaluated j ON j.organization = f.organization AND j.account_service = f.account_service AND j.policy_id = f.policy_id
        LEFT JOIN finding_triage t ON t.organization = f.organization AND t.account_service = f.account_service AND t.arn = f.arn
            AND t.policy_id = f.policy_id
        WHERE {where}
        """;

    public string AccountService { get; set; } = "";
    public string Arn { get; set; } = "";
    public string PolicyId { get; set; } = "";
    public string AccountId { get; set; } = "";
    public string Service { get; set; } = "";
    public string Type { get; set; } = "";
    public string Region { get; set; } = "";
    public long Severity { get; set; }
    public string State { get; set; } = "";
    public string Evidence { get; set; } = "";
    public long FirstSeen { get; set; }
    public long LastEvaluated { get; set; }
    public long DescribeTime { get; set; }
    public long? ResolvedAt { get; set; }
    public string? ResolvedReason { get; set; }
    public string? ExceptionId { get; set; }
    public string? ScanId { get; set; }
    public string Transitions { get; set; } = "";
    public long? ReopenedAt { get; set; }
    public string? Workflow { get; set; }
    public string? Assignee { get; set; }
    public string? DueOn { get; set; }
    public long? TriagedAt { get; set; }
    public string? TriagedBy { get; set; }

    public Finding ToFinding() => new()
    {
        AccountService = AccountService,
        Arn = Arn,
        PolicyId = PolicyId,
        Type = Type,
        Region = Region,
        Severity = (int)Severity,
        State = Database.Columns.Parse<FindingState>(State),
        Evidence = JsonElement.Parse(Evidence),
        FirstSeen = Database.Columns.Time(FirstSeen),
        ReopenedAt = Database.Columns.Time(ReopenedAt),
        LastEvaluated = Database.Columns.Time(LastEvaluated),
        DescribeTime = Database.Columns.Time(DescribeTime),
        ResolvedAt = Database.Columns.Time(ResolvedAt),
        ResolvedReason = Database.Columns.ParseOrNull<ResolvedReason>(ResolvedReason),
        ExceptionId = ExceptionId,
        ScanId = ScanId,
        Transitions = Database.Columns.FromJson<List<FindingTransition>>(Transitions),
        Triage = Workflow is null ? null : new FindingTriage(
            Database.Columns.Parse<Workflow>(Workflow), Assignee, Database.Columns.DayOrNull(DueOn), Database.Columns.Time(TriagedAt!.Value), TriagedBy),
    };

    /// <param name="transitions">The finding's transitions as JSON.</param>
    public static FindingRow Of(Finding finding, string transitions)
    {
        var (accountId, service) = Domain.AccountService.Split(finding.AccountService);
        return new FindingRow
        {
            AccountService = finding.AccountService,
            Arn = finding.Arn,
            PolicyId = finding.PolicyId,
            AccountId = accountId,
            Service = service,
            Type = finding.Type,
            Region = finding.Region,
            Severity = finding.Severity,
            State = Database.Columns.Name(finding.State),
            Evidence = finding.Evidence.GetRawText(),
            FirstSeen = Database.Columns.Ms(finding.FirstSeen),
            ReopenedAt = Database.Columns.Ms(finding.ReopenedAt),
            LastEvaluated = Database.Columns.Ms(finding.LastEvaluated),
            DescribeTime = Database.Columns.Ms(finding.DescribeTime),
            ResolvedAt = Database.Columns.Ms(finding.ResolvedAt),
            ResolvedReason = finding.ResolvedReason is { } reason ? Database.Columns.Name(reason) : null,
            ExceptionId = finding.ExceptionId,
            ScanId = finding.ScanId,
            Transitions = transitions,
        };
    }
}
