using Qrie.Domain.Accounts;
using Qrie.Domain.Accounts.Purging;
using Qrie.Domain.Inventory;
using Qrie.Domain.Transfer;
using Qrie.Dynamo.Accounts;
using Qrie.Dynamo.Accounts.Purging;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Transfer.Rows;

/// <summary>Accounts, and what is kept of each as a whole.</summary>
internal static class AccountRows
{
    /// <param name="purgeSteps">How many steps a purge has in this kind of store.</param>
    public static IEnumerable<ImportStep> Steps(int purgeSteps) =>
    [
        // An item says which organizations have an account: those of one account are stored together.
        new(["accounts"], ["account_id"], async (session, group) =>
        {
            foreach (var row in group.Of("accounts"))
            {
                await AccountItems.SaveAsync(session, AccountOf(row));
            }
        }),
        ImportStep.Of("account_services", ["organization", "account_id", "service"], (session, row) => session.PutAsync(
            HealthItems.KeyOf(row.Text("organization"), row.Text("account_id"), row.Text("service")), HealthOf(row),
            item => KeepEndedError(item, row))),
        ImportStep.Of("account_purges", ["organization", "account_id"], (session, row) => PurgeAsync(session, row, purgeSteps)),
        ImportStep.Of("external_ids", ["organization", "account_id"], (session, row) =>
        {
            session.Add(
                DynamoExternalIdStore.KeyOf(row.Text("organization"), row.Text("account_id")),
                DynamoExternalIdStore.ItemOf(row.Text("external_id"), row.Time("issued_at")));
            return Task.CompletedTask;
        }),
        ImportStep.Of("coverage", ["organization", "account_id", "region", "type"], (session, row) => session.PutAsync(
            DynamoCoverageStore.KeyOf(row.Text("organization"), row.Text("account_id"), row.Text("region"), row.Text("type")), CoverageOf(row))),
    ];

    /// <param name="rows">Are added to.</param>
    /// <param name="purgeSteps">How many steps a purge has in this kind of store.</param>
    public static void AddTo(StateRows rows, int purgeSteps) => rows
        .Add(AccountItems.PartitionOf(""), async item => RowOf(await item.ReadAsync<Account>()))
        .Add(HealthItems.PartitionOf(""), async item => RowOf(item.Organization, await item.ReadAsync<AccountHealth>()).Restore(item.Item))
        .Add(AccountItems.PurgesOf(""), async item => RowOf(item, await item.ReadAsync<PurgeRecord>(), purgeSteps).Restore(item.Item))
        .Add(DynamoExternalIdStore.PartitionOf(""), item =>
        {
            var (externalId, issuedAt) = DynamoExternalIdStore.IdOf(item.Item);
            return [new TransferRow("external_ids").Set("organization", item.Organization).Set("account_id", item.Sort).Set("external_id", externalId)
                .Set("issued_at", issuedAt)];
        })
        .Add(DynamoCoverageStore.PartitionOf(""), async item => RowOf(item.Organization, await item.ReadAsync<Coverage>()))
        .Ignore("account", "purges-open");

    private static Account AccountOf(TransferRow row) => new()
    {
        Organization = row.Text("organization"),
        AccountId = row.Text("account_id"),
        Name = row.TextOrNull("name"),
        Ou = row.TextOrNull("ou"),
        Tags = row.OfJsonOrNull<Dictionary<string, string>>("tags"),
        RoleArn = row.TextOrNull("role_arn"),
        ExternalId = row.TextOrNull("external_id"),
        Regions = row.OfJsonOrNull<List<string>>("regions"),
        Services = row.OfJsonOrNull<List<string>>("services"),
        Status = row.Name<AccountStatus>("status"),
        CreatedAt = row.Time("created_at"),
        UpdatedAt = row.Time("updated_at"),
        LastInventoryAt = row.TimeOrNull("last_inventory_at"),
        KnownRegions = row.OfJsonOrNull<List<string>>("known_regions"),
        MemberOf = row.TextOrNull("member_of"),
        RemovedAt = row.TimeOrNull("removed_at"),
        RemovedBecause = row.NameOrNull<RemovalReason>("removed_because"),
    };

    private static TransferRow RowOf(Account account) => new TransferRow("accounts")
        .Set("organization", account.Organization).Set("account_id", account.AccountId).Set("name", account.Name).Set("ou", account.Ou)
        .SetJson("tags", account.Tags).Set("role_arn", account.RoleArn).Set("external_id", account.ExternalId).SetJson("regions", account.Regions)
        .SetJson("services", account.Services).SetName<AccountStatus>("status", account.Status).Set("created_at", account.CreatedAt)
        .Set("updated_at", account.UpdatedAt).Set("last_inventory_at", account.LastInventoryAt).SetJson("known_regions", account.KnownRegions)
        .Set("member_of", account.MemberOf).Set("removed_at", account.RemovedAt).SetName("removed_because", account.RemovedBecause);

    private static AccountHealth HealthOf(TransferRow row) => new(
        row.Text("account_id"), row.Text("service"), row.TimeOrNull("last_inventory_at"), (int)row.Number("complete"), (int)row.Number("not_available"),
        (int)row.Number("broken"),
        row.TextOrNull("error_code") is { } code
            ? new AccountError(row.TextOrNull("error_region"), row.TextOrNull("error_type"), code, row.TextOrNull("error_message") ?? "", row.Time("error_at"))
            : null);

    private static TransferRow RowOf(string organization, AccountHealth health) => new TransferRow("account_services")
        .Set("organization", organization).Set("account_id", health.AccountId).Set("service", health.Service)
        .Set("last_inventory_at", health.LastInventoryAt).Set("complete", health.Complete).Set("not_available", health.NotAvailable)
        .Set("broken", health.Broken).Set("error_region", health.Error?.Region).Set("error_type", health.Error?.Type)
        .Set("error_code", health.Error?.Code).Set("error_message", health.Error?.Message).Set("error_at", health.Error?.At);

    /// <summary>A database keeps the rest of an error that is over.</summary>
    private static void KeepEndedError(Item item, TransferRow row)
    {
        if (row["error_code"] is null && row["error_at"] is not null)
        {
            item.Keep(row, "error_region", "error_type", "error_message", "error_at");
        }
    }

    /// <summary>The steps of a purge are others in each kind of store: one that is not done begins anew, which finds nothing where it was.</summary>
    private static async Task PurgeAsync(WriteSession session, TransferRow row, int purgeSteps)
    {
        var (isChecked, isChecking) = (row.Flag("checked"), row.Flag("checking"));
        var purge = new AccountPurge(
            row.Text("organization"), row.Text("account_id"), row.Time("requested_at"), row.TimeOrNull("finished_at"),
            row.OfJson<Dictionary<string, long>>("deleted").Where(d => d.Value > 0).ToDictionary(), isChecked);
        var isDone = isChecked || (purge.FinishedAt is not null && !isChecking);
        await DynamoAccountPurgeStore.SaveAsync(session, new PurgeRecord(purge, isDone ? purgeSteps : 0, isChecking));
        (await session.GetAsync(AccountItems.PurgeKey(purge.Organization, purge.AccountId)))!.Keep(row, "step", "deleted");
    }

    /// <summary>A database compares the step with the number of its own.</summary>
    private static TransferRow RowOf(StoredItem item, PurgeRecord record, int purgeSteps) => new TransferRow("account_purges")
        .Set("organization", item.Organization).Set("account_id", record.Purge.AccountId).Set("requested_at", record.Purge.RequestedAt)
        .Set("step", record.Step >= purgeSteps ? DoneStep : 0).SetJson("deleted", record.Purge.Deleted)
        .Set("finished_at", record.Purge.FinishedAt).Set("checking", record.Checking).Set("checked", record.Purge.Checked);

    /// <summary>More than the steps of any kind of store.</summary>
    private const long DoneStep = 1000;

    private static Coverage CoverageOf(TransferRow row) => new()
    {
        AccountId = row.Text("account_id"),
        Region = row.Text("region"),
        Service = row.Text("service"),
        Type = row.Text("type"),
        Outcome = row.Name<ListOutcome>("outcome"),
        ErrorCode = row.TextOrNull("error_code"),
        Message = row.TextOrNull("message"),
        CheckedAt = row.Time("checked_at"),
        LastSuccessAt = row.TimeOrNull("last_success_at"),
        Suspicious = row.Flag("suspicious"),
        ScanId = row.TextOrNull("scan_id"),
    };

    private static TransferRow RowOf(string organization, Coverage list) => new TransferRow("coverage")
        .Set("organization", organization).Set("account_id", list.AccountId).Set("region", list.Region).Set("service", list.Service)
        .Set("type", list.Type).SetName<ListOutcome>("outcome", list.Outcome).Set("error_code", list.ErrorCode).Set("message", list.Message)
        .Set("checked_at", list.CheckedAt).Set("last_success_at", list.LastSuccessAt).Set("suspicious", list.Suspicious).Set("scan_id", list.ScanId);
}
