using Qrie.Domain;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Outbox;

namespace Qrie.Dynamo.Inventory;

/// <summary>What a write changes in the counts of resources and of their unknown attributes.</summary>
internal static class InventoryCounts
{
    /// <param name="before">Null if there is none.</param>
    public static void Replace(OutboxBatch batch, ResourceItem? before, ResourceItem after)
    {
        Add(batch, before, -1);
        Add(batch, after, +1);
    }

    private static void Add(OutboxBatch batch, ResourceItem? row, long by)
    {
        if (row is not { IsAlive: true })
        {
            return;
        }

        var (accountId, service) = AccountService.Split(row.AccountServiceName);
        batch.Count(accountId, CounterGroups.OfService(service), CounterGroups.Resources, by);
        batch.Count(accountId, CounterGroups.OfType(row.TypeText, service), CounterGroups.Resources, by);
        foreach (var (attribute, code) in row.UnknownAttributes)
        {
            batch.Count(accountId, CounterGroups.OfUnknown(service, row.TypeText), KeyText.Join(attribute, code), by);
        }
    }
}
