using System.Text.Json;
using Qrie.Domain.Compliance;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Schedules;
using Qrie.Domain.Transfer;
using Qrie.Dynamo.Compliance;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Policies;
using Qrie.Dynamo.Schedules;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Transfer.Rows;

/// <summary>Policies, schedules, and what frameworks keep.</summary>
internal static class PolicyRows
{
    public static IEnumerable<ImportStep> Steps =>
    [
        ImportStep.Of("policies", ["organization", "policy_id"], (session, row) => DynamoPolicyStore.SaveAsync(session, PolicyOf(row))),
        ImportStep.Of("schedules", ["organization", "kind"], (session, row) =>
        {
            var schedule = new StoredSchedule(
                row.Text("organization"), row.Name<ScanKind>("kind"), row.TextOrNull("cron"), row.Flag("chosen"), row.Time("since"),
                row.NameOrNull<ScanLevel>("level"));
            return session.PutAsync(DynamoScheduleStore.KeyOf(schedule), schedule);
        }),
        ImportStep.Of("attestations", ["organization", "framework", "requirement"], (session, row) =>
        {
            var attestation = AttestationOf(row);
            return session.PutAsync(
                Documents.Key(DynamoComplianceStore.AttestationsOf(row.Text("organization"), attestation.Framework), attestation.Requirement), attestation);
        }),
        ImportStep.Of("compliance_days", ["organization", "account_id", "framework", "section", "day"], async (session, row) =>
        {
            var (organization, score) = (row.Text("organization"), ScoreOf(row));
            await session.PutAsync(DynamoComplianceStore.KeyOf(organization, score), score);
            session.Before(ItemWrite.Put(Documents.Key(DynamoComplianceStore.SubjectsOf(organization), score.Subject), new Item()));
        }),
    ];

    public static void AddTo(StateRows rows) => rows
        .Add(DynamoPolicyStore.PartitionOf(""), async item => RowOf(await item.ReadAsync<LaunchedPolicy>()))
        .Add(DynamoScheduleStore.Partition, async item =>
        {
            var schedule = await item.ReadAsync<StoredSchedule>();
            return new TransferRow("schedules").Set("organization", schedule.Organization).SetName<ScanKind>("kind", schedule.Kind)
                .Set("cron", schedule.Cron).Set("chosen", schedule.Chosen).Set("since", schedule.Since).SetName("level", schedule.Level);
        })
        .Add(DynamoComplianceStore.AttestationsOf("", ""), async item => RowOf(item.Organization, await item.ReadAsync<Attestation>()))
        .Add(DynamoComplianceStore.DaysOf("", ""), async item => RowOf(item.Organization, await item.ReadAsync<RecordedScore>()))
        .Ignore("compliance-subjects");

    private static LaunchedPolicy PolicyOf(TransferRow row) => new()
    {
        Organization = row.Text("organization"),
        PolicyId = row.Text("policy_id"),
        Status = row.Name<PolicyStatus>("status"),
        Scope = row.OfJson<PolicyScope>("scope"),
        Severity = (int?)row.NumberOrNull("severity"),
        Params = row.OfJson<Dictionary<string, JsonElement>>("params"),
        Remediation = row.TextOrNull("remediation"),
        Revision = row.Number("revision"),
        CreatedAt = row.Time("created_at"),
        UpdatedAt = row.Time("updated_at"),
        RevisedAt = row.Time("revised_at"),
    };

    private static TransferRow RowOf(LaunchedPolicy policy) => new TransferRow("policies")
        .Set("organization", policy.Organization).Set("policy_id", policy.PolicyId).SetName<PolicyStatus>("status", policy.Status)
        .SetJson("scope", policy.Scope).Set("severity", policy.Severity).SetJson("params", policy.Params).Set("remediation", policy.Remediation)
        .Set("revision", policy.Revision).Set("created_at", policy.CreatedAt).Set("updated_at", policy.UpdatedAt).Set("revised_at", policy.RevisedAt);

    private static Attestation AttestationOf(TransferRow row) => new()
    {
        Framework = row.Text("framework"),
        Requirement = row.Text("requirement"),
        IsMet = row.Flag("is_met"),
        Text = row.Text("text"),
        Link = row.TextOrNull("link"),
        AttestedBy = row.Text("attested_by"),
        AttestedAt = row.Time("attested_at"),
        ExpiresAt = row.Time("expires_at"),
    };

    private static TransferRow RowOf(string organization, Attestation attestation) => new TransferRow("attestations")
        .Set("organization", organization).Set("framework", attestation.Framework).Set("requirement", attestation.Requirement)
        .Set("is_met", attestation.IsMet).Set("text", attestation.Text).Set("link", attestation.Link).Set("attested_by", attestation.AttestedBy)
        .Set("attested_at", attestation.AttestedAt).Set("expires_at", attestation.ExpiresAt);

    private static RecordedScore ScoreOf(TransferRow row) => new(
        row.Day("day"), row.Text("framework"), row.Text("account_id"), row.Text("section") is { Length: > 0 } section ? section : null,
        row.Text("version"), row.Text("definition"), row.Text("policies"), row.OfJson<Score>("score"));

    private static TransferRow RowOf(string organization, RecordedScore score) => new TransferRow("compliance_days")
        .Set("organization", organization).Set("account_id", score.Subject).Set("framework", score.Framework).Set("section", score.Section ?? "")
        .Set("day", score.Day).Set("version", score.FrameworkVersion).Set("definition", score.Definition).Set("policies", score.Policies)
        .SetJson("score", score.Score);
}
