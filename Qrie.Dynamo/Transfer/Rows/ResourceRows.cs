using System.Text;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Transfer;
using Qrie.Dynamo.Findings;
using Qrie.Dynamo.Findings.Exceptions;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Transfer.Rows;

/// <summary>
/// Resources with their configurations, tags, keys and evaluations, which are one item; the lookups of verdicts, and how far account_services were evaluated.
/// </summary>
internal static class ResourceRows
{
    private const string Sequences = "change_sequences";
    private const string Types = "evaluated_types";
    private const string Policies = "policy_evaluated";

    private static readonly string[] s_resource = ["organization", "account_service", "arn"];

    public static IEnumerable<ImportStep> Steps =>
    [
        new(["resources", "configurations", "evaluations", "lookup_keys", "exception_evidence", "findings"], s_resource, ResourceAsync),
        ImportStep.Of("lookups", ["organization", "type", "key", "value", "account_service", "arn"], (session, row) =>
        {
            var partition = LookupItems.DependentsOf(row.Text("organization"), row.Text("type"), row.Text("key"), row.Text("value"));
            session.Before(LookupItems.Row(partition, row.Text("account_service"), row.Text("arn"), FirstVersion));
            return Task.CompletedTask;
        }),
        ImportStep.Of(Sequences, ["organization", "account_service"], (session, row) =>
        {
            session.Add(
                ResourceWriter.SequenceKey(row.Text("organization"), row.Text("account_service")),
                new Item().Set(ResourceItem.ChangeSeq, row.Number("seq")));
            return Task.CompletedTask;
        }),
        ImportStep.Of("resource_counts", ["organization", "account_service", "type"], (session, row) =>
        {
            ResourceWriter.Know(session, row.Text("organization"), row.Text("account_service"), row.Text("type"));
            return Task.CompletedTask;
        }),
        new([Types, Policies], ["organization", "account_service"], EvaluatedAsync),
    ];

    /// <summary>The version that an imported resource has.</summary>
    private const long FirstVersion = 1;

    public static void AddTo(StateRows rows) => rows
        .Add("lookups", item =>
        {
            var parts = LookupItems.PartitionOf(item.Item).Split(KeyText.Separator, 5);
            var (accountService, arn) = LookupItems.ResourceOf(item.Item);
            return [new TransferRow("lookups").Set("organization", parts[1]).Set("type", parts[2]).Set("key", parts[3]).Set("value", parts[4])
                .Set("account_service", accountService).Set("arn", arn)];
        })
        .Add(ResourceWriter.SequenceKey("", "").Hash, item =>
        {
            var (organization, accountService) = Unscoped(item.Parts[1]);
            return [new TransferRow(Sequences).Set("organization", organization).Set("account_service", accountService)
                .Set("seq", item.Item.RequiredNumber(ResourceItem.ChangeSeq))];
        })
        .Add(PendingEvaluations.EvaluatedKey("", "").Hash, EvaluatedAsync)
        .Add(ResourceWriter.PlacesOf(""), item =>
        {
            // Databases have a row of each type that there is or ever was; what exists is added by its count.
            var parts = item.Sort.Split(KeyText.Separator, 2);
            return [new TransferRow("resource_counts", sums: true).Set("organization", item.Organization).Set("account_service", parts[0])
                .Set("type", parts[1]).Set("n", 0)];
        })
        .Ignore("lookup-keys", "tags", "stale", "part");

    /// <summary>The rows of a resource and what belongs to it.</summary>
    public static async Task ExportAsync(Item item, DynamoStore store, RowSink rows, CancellationToken cancel)
    {
        var organization = item.RequiredText(ResourceItem.OrganizationArn).Split(KeyText.Separator)[0];
        var resource = new ResourceItem(organization, item);
        var (accountService, arn) = (resource.AccountServiceName, resource.ArnText);
        await rows.AddAsync(RowOf(organization, resource));
        if (await ResourceReader.TextAsync(store, resource, cancel) is { } configuration)
        {
            await rows.AddAsync(Row("configurations").Set("configuration", LargeText.Compress(Encoding.UTF8.GetBytes(configuration))));
        }

        foreach (var (key, value) in resource.TagsOrNull ?? new Dictionary<string, string>())
        {
            await rows.AddAsync(Row("resource_tags").Set("key", key).Set("value", value));
        }

        foreach (var (key, value) in resource.LookupKeys.Select(k => (k.Key, k.Value ?? "")).Distinct())
        {
            await rows.AddAsync(Row("lookup_keys").Set("type", resource.TypeText).Set("key", key).Set("value", value));
        }

        if (item.Text(ResourceItem.Evaluation) is { } json)
        {
            var evaluation = Json.To<StoredEvaluation>(json);
            await rows.AddAsync(Row("evaluations")
                .Set("describe_time", evaluation.DescribeTime).Set("hash", evaluation.Hash).Set("fingerprint", evaluation.Fingerprint)
                .Set("policy_list", evaluation.Policies).Set("verdicts", evaluation.Verdicts).SetJson("reasons", evaluation.Reasons)
                .Set("evaluated_at", evaluation.EvaluatedAt).Set("next_due", item.Number(ResourceItem.NextDue)));
        }

        foreach (var (key, evidence) in ResourceVerdicts.EvidenceOf(item))
        {
            var (policyId, exceptionId) = ExceptionGate.IdsOf(key);
            await rows.AddAsync(Row("exception_evidence").Set("policy_id", policyId).Set("exception_id", exceptionId).Set("hash", evidence.Hash)
                .Set("ended", evidence.HasEnded));
        }

        TransferRow Row(string table) =>
            new TransferRow(table).Set("organization", organization).Set("account_service", accountService).Set("arn", arn);
    }

    /// <summary>The organization and the account_service of a key made of both.</summary>
    public static (string Organization, string AccountService) Unscoped(string key) => key.IndexOf('/', StringComparison.Ordinal) is >= 0 and var at
        ? (key[..at], key[(at + 1)..])
        : (Domain.Organizations.Default, key);

    private static TransferRow RowOf(string organization, ResourceItem resource)
    {
        var item = resource.Item;
        var (accountId, service) = Domain.AccountService.Split(resource.AccountServiceName);
        var row = new TransferRow("resources")
            .Set("organization", organization).Set("account_service", resource.AccountServiceName).Set("arn", resource.ArnText)
            .Set("account_id", accountId).Set("service", service).Set("type", resource.TypeText).Set("resource_id", resource.IdText)
            .Set("region", resource.RegionText).Set("listed_in", resource.ListedInText).SetJson("tags", resource.TagsOrNull)
            .Set("hash", resource.HashText).Set("describe_time", resource.DescribeTimeMs).Set("first_seen", item.RequiredNumber(ResourceItem.FirstSeen))
            .Set("last_seen", resource.LastSeenMs).Set("deleted_at", item.Number(ResourceItem.DeletedAt))
            .Set("absent_since", item.Number(ResourceItem.AbsentSince)).Set("change_seq", item.Number(ResourceItem.ChangeSeq) ?? 0)
            .Set("size", resource.Size);
        if (resource.UnknownAttributes.Count > 0)
        {
            row.SetJson("unknown", resource.UnknownAttributes.OrderBy(u => u.Key, StringComparer.Ordinal).ToDictionary());
        }

        return resource.IsAlive ? row : row.Restore(item);
    }

    private static Task ResourceAsync(WriteSession session, RowGroup group)
    {
        if (group.One("resources") is not { } row)
        {
            return Task.CompletedTask; // findings that outlived their resource, for example: those are items of their own
        }

        var (organization, accountService, arn) = (row.Text("organization"), row.Text("account_service"), row.Text("arn"));
        var key = ResourceItem.KeyOf(organization, accountService, arn);
        var item = ItemOf(organization, row);
        List<LookupKey> keys =
        [
            .. group.Of("lookup_keys").Select(k => new LookupKey(k.Text("key"), k.Text("value") is { Length: > 0 } value ? value : null)),
        ];
        var findings = group.Of("findings").Select(f => f.Text("policy_id")).Order(StringComparer.Ordinal).ToList();
        var evidence = group.Of("exception_evidence").ToDictionary(
            e => ExceptionGate.KeyOf(e.Text("policy_id"), e.Text("exception_id")), e => new RememberedEvidence(e.Text("hash"), e.Flag("ended")));
        item.Set(ResourceItem.Keys, keys.Count == 0 ? null : Json.Of(keys))
            .Set(ResourceVerdicts.FindingPolicies, findings.Count == 0 ? null : Json.Of(findings))
            .Set(ResourceVerdicts.Remembered, evidence.Count == 0 ? null : Json.Of(evidence));
        if (group.One("configurations")?.BytesOrNull("configuration") is { } configuration)
        {
            LargeText.Set(session, key, item, null, ResourceItem.Configuration, LargeText.Decompress(configuration), ResourceWriter.InlineBytes);
        }

        if (group.One("evaluations") is { } evaluated)
        {
            item.Set(ResourceItem.Evaluation, Json.Of(EvaluationOf(evaluated))).Set(ResourceItem.NextDue, evaluated.NumberOrNull("next_due"));
            if (evaluated.NumberOrNull("next_due") == 0)
            {
                session.Before(LookupItems.Row(LookupItems.StaleOf(organization), accountService, arn, 0));
            }
        }

        session.Add(key, item);
        var tags = row.OfJsonOrNull<Dictionary<string, string>>("tags");
        foreach (var partition in LookupItems.PartitionsOf(organization, accountService, row.Text("type"), keys, tags))
        {
            session.Before(LookupItems.Row(partition, accountService, arn, FirstVersion));
        }

        return Task.CompletedTask;
    }

    private static Item ItemOf(string organization, TransferRow row)
    {
        var (accountService, arn, type) = (row.Text("account_service"), row.Text("arn"), row.Text("type"));
        var (accountId, service) = Domain.AccountService.Split(accountService);
        var isAlive = row["deleted_at"] is null;
        var item = new Item()
            .Set(ResourceItem.Arn, ResourceItem.ArnIfCut(organization, accountId, service, arn))
            .Set(ResourceItem.Type, type)
            .Set(ResourceItem.Id, row.Text("resource_id"))
            .Set(ResourceItem.Region, row.Text("region"))
            .Set(ResourceItem.ListedIn, row.Text("listed_in"))
            .Set(ResourceItem.Tags, row.OfJsonOrNull<Dictionary<string, string>>("tags") is { } tags ? Json.Of(tags) : null)
            .Set(ResourceItem.Unknown, row.OfJsonOrNull<Dictionary<string, string>>("unknown") is { } unknown ? Json.Of(unknown) : null)
            .Set(ResourceItem.Hash, row.Text("hash"))
            .Set(ResourceItem.DescribeTime, row.Number("describe_time"))
            .Set(ResourceItem.FirstSeen, row.Number("first_seen"))
            .Set(ResourceItem.LastSeen, row.Number("last_seen"))
            .Set(ResourceItem.DeletedAt, row.NumberOrNull("deleted_at"))
            .Set(ResourceItem.AbsentSince, row.NumberOrNull("absent_since"))
            .Set(ResourceItem.SizeOf, row.Number("size"))
            .Set(ResourceItem.OrganizationArn, ResourceItem.ArnKey(organization, arn));
        return isAlive
            ? item.Set(ResourceItem.ChangeSeq, row.Number("change_seq"))
                .Set(ResourceItem.InList, KeyText.Fit(ResourceItem.ListKey(type, row.Text("listed_in"), arn), ItemKey.MaxRange))
                .Set(ResourceItem.TypeId, KeyText.Fit(ResourceItem.IdKey(type, row.Text("resource_id")), ItemKey.MaxRange))
            : item.Keep(row, "change_seq"); // the indexes have no deleted resources
    }

    private static StoredEvaluation EvaluationOf(TransferRow row) => new(
        row.Time("describe_time"), row.Text("hash"), row.Text("fingerprint"), row.Text("policy_list"), row.Text("verdicts"),
        row.OfJsonOrNull<Dictionary<int, UnknownReason>>("reasons"), row.Time("evaluated_at"));

    private static async Task EvaluatedAsync(WriteSession session, RowGroup group)
    {
        var row = group.Of(Types).Concat(group.Of(Policies)).First();
        await session.PutAsync(
            PendingEvaluations.EvaluatedKey(row.Text("organization"), row.Text("account_service")),
            new EvaluatedRecord(
                group.Of(Policies).ToDictionary(p => p.Text("policy_id"), p => p.Time("evaluated_at")),
                group.Of(Types).ToDictionary(t => t.Text("type"), t => new EvaluatedType(t.Text("fingerprint"), t.Number("seq")))));
    }

    private static async Task EvaluatedAsync(StoredItem item, RowSink rows)
    {
        var (organization, accountService) = Unscoped(item.Parts[1]);
        var evaluated = await item.ReadAsync<EvaluatedRecord>();
        foreach (var (type, at) in evaluated.Types)
        {
            await rows.AddAsync(Row(Types).Set("type", type).Set("fingerprint", at.Fingerprint).Set("seq", at.Sequence));
        }

        foreach (var (policyId, at) in evaluated.Policies)
        {
            await rows.AddAsync(Row(Policies).Set("policy_id", policyId).Set("evaluated_at", at));
        }

        TransferRow Row(string table) => new TransferRow(table).Set("organization", organization).Set("account_service", accountService);
    }
}
