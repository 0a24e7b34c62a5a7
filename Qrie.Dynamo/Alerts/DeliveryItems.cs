using Qrie.Domain.Alerts;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Alerts;

/// <summary>
/// Messages, with rows by which they are found: those that wait by time, those that collect by organization, those that ended by time. A row may remain of what
/// a message was before: readers check the message.
/// </summary>
internal sealed class DeliveryItems(DynamoStore store)
{
    private const string Waiting = "deliveries-waiting";
    private const string Ended = "deliveries-ended";
    private const string Organization = "Organization";
    private const string AlertId = "AlertId";
    private const string DeliveryId = "DeliveryId";

    public static string PartitionOf(string organization, string alertId) => KeyText.Join("deliveries", organization, alertId);

    public static ItemKey KeyOf(string organization, string alertId, string deliveryId) => Documents.Key(PartitionOf(organization, alertId), deliveryId);

    public static ItemKey KeyOf(AlertDelivery message) => KeyOf(message.Organization, message.AlertId, message.DeliveryId);

    public static bool IsCollecting(AlertDelivery message) => message.Status is DeliveryStatus.Collecting or DeliveryStatus.Held;

    /// <summary>Stores a message that was read in the session, or that there is none of.</summary>
    public static async Task SaveAsync(WriteSession session, AlertDelivery? before, AlertDelivery message)
    {
        await session.PutAsync(KeyOf(message), message);
        session.Before(ItemWrite.Put(RowOf(message), NamesOf(message)));
        if (before is not null && RowOf(before) != RowOf(message))
        {
            session.After(ItemWrite.Delete(RowOf(before)));
        }

        if (IsCollecting(message))
        {
            session.Before(ItemWrite.Put(CollectingKey(message), NamesOf(message)));
        }
        else if (before is not null && IsCollecting(before))
        {
            session.After(ItemWrite.Delete(CollectingKey(message)));
        }
    }

    public static async Task DeleteAsync(WriteSession session, AlertDelivery message)
    {
        await session.DeleteAsync(KeyOf(message));
        session.After(ItemWrite.Delete(RowOf(message)));
        session.After(ItemWrite.Delete(CollectingKey(message)));
    }

    public async Task<List<AlertDelivery>> ListCollectingAsync(string organization, CancellationToken cancel) =>
    [
        .. (await ReadAsync(await store.ListAsync(new ItemQuery(StoreTables.State, CollectingOf(organization)) { Strong = true }, cancel), cancel))
            .Where(IsCollecting),
    ];

    /// <summary>Messages that wait until a time or less, in that order, as they are read.</summary>
    public async IAsyncEnumerable<AlertDelivery> ListWaitingAsync(
        DateTimeOffset until, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var row in store.Calls.QueryAllAsync(
            new ItemQuery(StoreTables.State, Waiting) { To = KeyText.Of(until) + "~", Strong = true }, cancel))
        {
            foreach (var message in await ReadAsync([row], cancel))
            {
                if (message.FinishedAt is null && RowOf(message) == ItemKey.Of(StoreTables.State, row))
                {
                    yield return message;
                }
            }
        }
    }

    /// <summary>Messages that ended before a time.</summary>
    public async Task<List<AlertDelivery>> ListEndedAsync(DateTimeOffset before, int limit, CancellationToken cancel)
    {
        var rows = await store.Calls.QueryAsync(
            new ItemQuery(StoreTables.State, Ended) { To = KeyText.Of(before.AddMilliseconds(-1)) + "~", Strong = true, Limit = limit }, cancel);
        return await ReadAsync(rows.Items, cancel);
    }

    private async Task<List<AlertDelivery>> ReadAsync(IReadOnlyList<Item> rows, CancellationToken cancel)
    {
        var messages = new List<AlertDelivery>();
        foreach (var row in rows)
        {
            var key = KeyOf(row.RequiredText(Organization), row.RequiredText(AlertId), row.RequiredText(DeliveryId));
            if (await store.FindAsync<AlertDelivery>(key, cancel) is { } message)
            {
                messages.Add(message);
            }
        }

        return messages;
    }

    private static ItemKey RowOf(AlertDelivery message)
    {
        var id = KeyText.Join(message.Organization, message.AlertId, message.DeliveryId);
        return message.FinishedAt is { } ended
            ? Documents.Key(Ended, KeyText.Join(KeyText.Of(ended), id))
            : Documents.Key(Waiting, KeyText.Join(KeyText.Of(message.DueAt), id));
    }

    private static string CollectingOf(string organization) => KeyText.Join("deliveries-collecting", organization);

    private static ItemKey CollectingKey(AlertDelivery message) =>
        Documents.Key(CollectingOf(message.Organization), KeyText.Join(message.AlertId, message.DeliveryId));

    private static Item NamesOf(AlertDelivery message) => new Item()
        .Set(Organization, message.Organization).Set(AlertId, message.AlertId).Set(DeliveryId, message.DeliveryId);
}
