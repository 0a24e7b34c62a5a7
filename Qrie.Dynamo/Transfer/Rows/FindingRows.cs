using System.Text.Json;
using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Transfer;
using Qrie.Dynamo.Findings;
using Qrie.Dynamo.Findings.Exceptions;
using Qrie.Dynamo.Findings.Triage;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Transfer.Rows;

/// <summary>Findings with what people noted about them, the policy lists that evaluations name, and exceptions.</summary>
internal static class FindingRows
{
    private const string Triage = "finding_triage";

    private static readonly string[] s_finding = ["organization", "account_service", "arn", "policy_id"];

    public static IEnumerable<ImportStep> Steps =>
    [
        ImportStep.Of("policy_lists", ["policy_list"], (session, row) =>
        {
            session.Overwrite(PolicyLists.KeyOf(row.Text("policy_list")), PolicyLists.ItemOf(row.Text("policies")));
            return Task.CompletedTask;
        }),
        new(["findings", Triage], s_finding, (session, group) =>
        {
            if (group.One("findings") is { } row)
            {
                var (organization, finding) = (row.Text("organization"), FindingOf(row, group.One(Triage)));
                session.Add(FindingItems.KeyOf(organization, finding), FindingItems.ToItem(organization, finding));
            }

            return Task.CompletedTask;
        }),
        ImportStep.Of("triage_entries", [.. s_finding, "entry_id"], (session, row) =>
        {
            session.Write(TriageItems.Entry(
                row.Text("organization"), new FindingIdentity(row.Text("account_service"), row.Text("arn"), row.Text("policy_id")), EntryOf(row)));
            return Task.CompletedTask;
        }),
        ImportStep.Of("exceptions", ["organization", "exception_id"], (session, row) =>
            DynamoExceptionStore.SaveAsync(session, ExceptionOf(row), row.Flag("warned"))),
        ImportStep.Of("exception_revisions", ["organization"], (session, row) =>
        {
            session.Add(ExceptionSets.RevisionKey(row.Text("organization")), new Item().Set(ExceptionSets.Revision, row.Number("revision")));
            return Task.CompletedTask;
        }),
    ];

    public static void AddTo(StateRows rows) => rows
        .Add(PolicyLists.KeyOf("").Hash, item =>
            [new TransferRow("policy_lists").Set("policy_list", item.Parts[1]).Set("policies", PolicyLists.PoliciesOf(item.Item))])
        .Add(TriageItems.EntriesOf("", new FindingIdentity("", "", "")), async item => RowOf(item.Item, await item.ReadAsync<TriageEntry>()))
        .Add(ExceptionSets.PartitionOf(""), async item => RowOf(await item.ReadAsync<FindingException>())
            .Set("warned", item.Item.Number(DynamoExceptionStore.Warned) == 1))
        .Add(ExceptionSets.RevisionKey("").Hash, item =>
            [new TransferRow("exception_revisions").Set("organization", item.Organization).Set("revision", item.Item.RequiredNumber(ExceptionSets.Revision))])
        .Ignore("exceptions-open");

    /// <summary>The rows of an item of the table of findings.</summary>
    public static async Task ExportAsync(Item item, RowSink rows)
    {
        var organization = item.RequiredText(FindingItems.OrganizationState).Split(KeyText.Separator)[0];
        var finding = FindingItems.ToFinding(organization, item);
        var (accountId, service) = AccountService.Split(finding.AccountService);
        await rows.AddAsync(Row("findings")
            .Set("account_id", accountId).Set("service", service).Set("type", finding.Type).Set("region", finding.Region)
            .Set("severity", finding.Severity).SetName<FindingState>("state", finding.State).Set("evidence", finding.Evidence.GetRawText())
            .Set("first_seen", finding.FirstSeen).Set("last_evaluated", finding.LastEvaluated).Set("describe_time", finding.DescribeTime)
            .Set("resolved_at", finding.ResolvedAt).SetName("resolved_reason", finding.ResolvedReason).Set("exception_id", finding.ExceptionId)
            .Set("scan_id", finding.ScanId).SetJson("transitions", finding.Transitions).Set("reopened_at", finding.ReopenedAt));
        if (finding.Triage is { } triage)
        {
            await rows.AddAsync(Row(Triage)
                .Set("first_seen", finding.FirstSeen).SetName<Workflow>("workflow", triage.Workflow).Set("assignee", triage.Assignee)
                .Set("due_on", triage.DueOn).Set("updated_at", triage.UpdatedAt).Set("updated_by", triage.UpdatedBy));
        }

        TransferRow Row(string table) => new TransferRow(table).Set("organization", organization).Set("account_service", finding.AccountService)
            .Set("arn", finding.Arn).Set("policy_id", finding.PolicyId);
    }

    private static Finding FindingOf(TransferRow row, TransferRow? triage) => new()
    {
        AccountService = row.Text("account_service"),
        Arn = row.Text("arn"),
        PolicyId = row.Text("policy_id"),
        Type = row.Text("type"),
        Region = row.Text("region"),
        Severity = (int)row.Number("severity"),
        State = row.Name<FindingState>("state"),
        Evidence = JsonElement.Parse(row.Text("evidence")),
        FirstSeen = row.Time("first_seen"),
        ReopenedAt = row.TimeOrNull("reopened_at"),
        LastEvaluated = row.Time("last_evaluated"),
        DescribeTime = row.Time("describe_time"),
        ResolvedAt = row.TimeOrNull("resolved_at"),
        ResolvedReason = row.NameOrNull<ResolvedReason>("resolved_reason"),
        ExceptionId = row.TextOrNull("exception_id"),
        ScanId = row.TextOrNull("scan_id"),
        Transitions = row.OfJson<List<FindingTransition>>("transitions"),
        Triage = triage is null
            ? null
            : new FindingTriage(
                triage.Name<Workflow>("workflow"), triage.TextOrNull("assignee"), triage["due_on"] is null ? null : triage.Day("due_on"),
                triage.Time("updated_at"), triage.TextOrNull("updated_by")),
    };

    private static TriageEntry EntryOf(TransferRow row) => new(
        row.Text("entry_id"), row.Time("at"), row.TextOrNull("actor"), row.TextOrNull("actor_name"), row.TextOrNull("text"),
        row.NameOrNull<Workflow>("workflow"), row.TextOrNull("assignee"), row.TextOrNull("due"));

    private static TransferRow RowOf(Item item, TriageEntry entry)
    {
        var (organization, finding) = TriageItems.FindingOf(item);
        return new TransferRow("triage_entries")
            .Set("organization", organization).Set("account_service", finding.AccountService).Set("arn", finding.Arn).Set("policy_id", finding.PolicyId)
            .Set("entry_id", entry.EntryId).Set("at", entry.At).Set("actor", entry.Actor).Set("actor_name", entry.ActorName).Set("text", entry.Text)
            .SetName("workflow", entry.Workflow).Set("assignee", entry.Assignee).Set("due", entry.Due);
    }

    private static FindingException ExceptionOf(TransferRow row) => new()
    {
        Organization = row.Text("organization"),
        ExceptionId = row.Text("exception_id"),
        Scope = new ExceptionScope(
            row.TextOrNull("policy_id"), row.TextOrNull("arn"), row.TextOrNull("tag_key"), row.TextOrNull("tag_value"),
            row.OfJson<List<string>>("account_ids"), row.OfJson<List<string>>("regions")),
        Owner = row.Text("owner"),
        Reason = row.Text("reason"),
        Ticket = row.TextOrNull("ticket"),
        UntilChanged = row.Flag("until_changed"),
        CreatedAt = row.Time("created_at"),
        CreatedBy = row.Text("created_by"),
        ExpiresAt = row.Time("expires_at"),
        Status = row.Name<ExceptionStatus>("status"),
        EndedAt = row.TimeOrNull("ended_at"),
        IsPending = row.Flag("pending"),
    };

    private static TransferRow RowOf(FindingException exception) => new TransferRow("exceptions")
        .Set("organization", exception.Organization).Set("exception_id", exception.ExceptionId).Set("policy_id", exception.Scope.PolicyId)
        .Set("arn", exception.Scope.Arn).Set("tag_key", exception.Scope.TagKey).Set("tag_value", exception.Scope.TagValue)
        .SetJson("account_ids", exception.Scope.AccountIds).SetJson("regions", exception.Scope.Regions).Set("owner", exception.Owner)
        .Set("reason", exception.Reason).Set("ticket", exception.Ticket).Set("until_changed", exception.UntilChanged)
        .Set("created_at", exception.CreatedAt).Set("created_by", exception.CreatedBy).Set("expires_at", exception.ExpiresAt)
        .SetName<ExceptionStatus>("status", exception.Status).Set("ended_at", exception.EndedAt).Set("pending", exception.IsPending);
}
