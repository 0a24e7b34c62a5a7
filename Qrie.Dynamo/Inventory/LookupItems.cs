using Qrie.Domain.Inventory;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Inventory;

/// <summary>
/// Rows by which resources are found: by lookup keys, by tags, and the verdicts that depend on lookups. They are stored before the resource and deleted after
/// it, so there may be too many of them, but none is missing: readers check the resource itself.
/// </summary>
internal static class LookupItems
{
    private const string AccountService = "AccountService";
    private const string Arn = "ResourceArn";

    /// <summary>The version of the resource that had the row stored last: older ones do not delete it.</summary>
    private const string ForVersion = "ForVersion";

    /// <summary>The partition, if the key cannot hold it.</summary>
    private const string Partition = "Partition";

    /// <summary>The resources with a key.</summary>
    /// <param name="value">Null for those with a value that could not be read.</param>
    public static string ResourcesOf(string organization, string type, string key, string? value) =>
        KeyText.Join("lookup-keys", organization, type, key, value ?? "");

    /// <summary>The resources whose verdicts depend on a lookup.</summary>
    public static string DependentsOf(string organization, string type, string key, string value) => KeyText.Join("lookups", organization, type, key, value);

    /// <summary>The resources of an account_service with a tag.</summary>
    public static string TaggedIn(string organization, string accountService, string key, string value) =>
        KeyText.Join("tags", organization, accountService, key, value);

    /// <summary>The resources whose verdicts are due because of another resource.</summary>
    public static string StaleOf(string organization) => KeyText.Join("stale", organization);

    public static ItemKey RowKey(string partition, string accountService, string arn) => Documents.Key(partition, KeyText.Join(accountService, arn));

    /// <summary>A row of a resource.</summary>
    public static ItemWrite Row(string partition, string accountService, string arn, long version) => ItemWrite.Put(
        RowKey(partition, accountService, arn),
        new Item().Set(AccountService, accountService).Set(Arn, arn).Set(ForVersion, version)
            .Set(Partition, KeyText.Fit(partition, ItemKey.MaxHash) == partition ? null : partition));

    /// <summary>The partition of a row, whatever its length.</summary>
    public static string PartitionOf(Item row) => row.Text(Partition) ?? row.RequiredText(StoreTables.State.Hash);

    /// <summary>Deletes a row, unless a later version of the resource has it.</summary>
    public static ItemWrite RemoveRow(string partition, string accountService, string arn, long version)
    {
        var write = ItemWrite.Delete(RowKey(partition, accountService, arn));
        return write.If($"{write.Name(ForVersion)} <= {write.Value(Item.Value(version))}");
    }

    public static (string AccountService, string Arn) ResourceOf(Item row) => (row.RequiredText(AccountService), row.RequiredText(Arn));

    /// <summary>The partitions of the rows of a resource.</summary>
    public static HashSet<string> PartitionsOf(
        string organization, string accountService, string type, IReadOnlyList<LookupKey> keys, IReadOnlyDictionary<string, string>? tags) =>
    [
        .. keys.Select(key => ResourcesOf(organization, type, key.Key, key.Value)),
        .. (tags ?? new Dictionary<string, string>()).Select(tag => TaggedIn(organization, accountService, tag.Key, tag.Value)),
    ];

    /// <summary>Makes an evaluation due; nothing if there is none.</summary>
    public static async Task MakeDueAsync(
        DynamoStore store, string organization, (string AccountService, string Arn) resource, CancellationToken cancel)
    {
        var key = ResourceItem.KeyOf(organization, resource.AccountService, resource.Arn);
        await store.Calls.BatchWriteAsync([Row(StaleOf(organization), resource.AccountService, resource.Arn, 0)], cancel);
        var write = ItemWrite.Change(
            key, new Dictionary<string, Amazon.DynamoDBv2.Model.AttributeValue> { [ResourceItem.NextDue] = Item.Value(0) },
            new Dictionary<string, long> { [Item.Version] = 1 });
        write.If($"attribute_exists({write.Name(ResourceItem.Evaluation)})");
        try
        {
            await store.Calls.WriteAsync(write, cancel);
        }
        catch (WriteRefusedException)
        {
            // It is deleted, or not evaluated yet.
        }
    }

    /// <summary>Replaces what the verdicts on a resource depend on. Verdicts without dependencies keep the rows of earlier ones, which do no harm.</summary>
    /// <param name="wasStale">They were due because of another resource.</param>
    public static void Depend(
        WriteSession session, string organization, ResourceItem row, IReadOnlyList<LookupDependency> dependencies, bool wasStale)
    {
        var version = row.VersionOrZero + 1;
        foreach (var partition in dependencies.Select(d => DependentsOf(organization, d.Lookup.Type, d.Lookup.Key, d.Lookup.Value)).Distinct())
        {
            session.Before(Row(partition, row.AccountServiceName, row.ArnText, version));
        }

        if (wasStale)
        {
            session.After(ItemWrite.Delete(RowKey(StaleOf(organization), row.AccountServiceName, row.ArnText)));
        }
    }

    /// <summary>The rows of a partition.</summary>
    public static ItemQuery Query(string partition) => new(StoreTables.State, partition) { Strong = true };
}
