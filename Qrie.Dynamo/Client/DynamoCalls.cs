using System.Runtime.CompilerServices;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Client;

/// <summary>
/// The requests that the store makes. Each is checked against DynamoDB's limits, repeated as long as that may help, and counted. The client itself must not
/// repeat requests.
/// </summary>
internal sealed class DynamoCalls(IAmazonDynamoDB client, DynamoSettings settings, DynamoMeter meter, TimeProvider clock)
{
    private const string Several = "*";

    private readonly Sender _sender = new(settings, meter, clock);

    public IAmazonDynamoDB Client => client;

    public DynamoSettings Settings => settings;

    public TimeProvider Clock => clock;

    public string NameOf(StoreTable table) => settings.TablePrefix + table.Name;

    /// <summary>Null if there is none.</summary>
    public async Task<Item?> GetAsync(ItemKey key, bool strong, CancellationToken cancel)
    {
        Limits.CheckKey(key);
        var request = new GetItemRequest
        {
            TableName = NameOf(key.Table),
            Key = key.ToAttributes(),
            ConsistentRead = strong,
            ReturnConsumedCapacity = ReturnConsumedCapacity.TOTAL,
        };
        var answer = await _sender.ReadAsync("GetItem", key.Table.Name, c => client.GetItemAsync(request, c), a => a.ConsumedCapacity?.CapacityUnits, cancel);
        return answer.Item is { Count: > 0 } attributes ? new Item(attributes) : null;
    }

    /// <summary>Those of the items that exist, in no order.</summary>
    public async Task<Dictionary<ItemKey, Item>> BatchGetAsync(IReadOnlyCollection<ItemKey> keys, bool strong, CancellationToken cancel)
    {
        var found = new Dictionary<ItemKey, Item>();
        foreach (var some in keys.Distinct().Chunk(Limits.BatchGet))
        {
            Limits.CheckBatchGet(some);
            var left = some.GroupBy(key => key.Table).ToDictionary(
                group => NameOf(group.Key), group => new KeysAndAttributes { Keys = [.. group.Select(key => key.ToAttributes())], ConsistentRead = strong });
            for (var pause = new Backoff(clock); left.Count > 0; await pause.WaitAsync(settings.RetryFor, "DynamoDB leaves items unprocessed.", cancel))
            {
                var request = new BatchGetItemRequest { RequestItems = left, ReturnConsumedCapacity = ReturnConsumedCapacity.TOTAL };
                var answer = await _sender.ReadAsync(
                    "BatchGetItem", Several, c => client.BatchGetItemAsync(request, c), a => a.ConsumedCapacity?.Sum(u => u.CapacityUnits), cancel);
                foreach (var (name, items) in answer.Responses ?? [])
                {
                    var table = StoreTables.All.First(t => NameOf(t) == name);
                    foreach (var item in items.Select(attributes => new Item(attributes)))
                    {
                        found[ItemKey.Of(table, item)] = item;
                    }
                }

                left = answer.UnprocessedKeys ?? [];
                if (left.Count == 0)
                {
                    break;
                }
            }
        }

        return found;
    }

    public async Task<ItemPage> QueryAsync(ItemQuery query, CancellationToken cancel)
    {
        var request = query.ToRequest(NameOf(query.Table));
        var answer = await _sender.ReadAsync(
            "Query", query.Table.Name, c => client.QueryAsync(request, c), a => a.ConsumedCapacity?.CapacityUnits, cancel);
        return new ItemPage(
            [.. (answer.Items ?? []).Select(attributes => new Item(attributes))], answer.LastEvaluatedKey is { Count: > 0 } next ? next : null);
    }

    /// <summary>All items of a query, read as they are consumed.</summary>
    public async IAsyncEnumerable<Item> QueryAllAsync(ItemQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (var next = query; ;)
        {
            var page = await QueryAsync(next, cancel);
            foreach (var item in page.Items)
            {
                yield return item;
            }

            if (page.Next is null)
            {
                yield break;
            }

            next = next with { After = page.Next };
        }
    }

    /// <summary>All items of a table, in no order, read as they are consumed. For exports: requests of the service would cost too much.</summary>
    /// <param name="limit">The most items of one request; null for what fits in 1 MB.</param>
    public async IAsyncEnumerable<Item> ScanAllAsync(StoreTable table, int? limit, [EnumeratorCancellation] CancellationToken cancel)
    {
        var request = new ScanRequest { TableName = NameOf(table), ConsistentRead = true, ReturnConsumedCapacity = ReturnConsumedCapacity.TOTAL };
        if (limit is { } most)
        {
            request.Limit = most;
        }

        do
        {
            var answer = await _sender.ReadAsync(
                "Scan", table.Name, c => client.ScanAsync(request, c), a => a.ConsumedCapacity?.CapacityUnits, cancel);
            foreach (var attributes in answer.Items ?? [])
            {
                yield return new Item(attributes);
            }

            request.ExclusiveStartKey = answer.LastEvaluatedKey;
        }
        while (request.ExclusiveStartKey is { Count: > 0 });
    }

    /// <summary>Puts and deletes without conditions, not all or nothing: for what may be repeated.</summary>
    public async Task BatchWriteAsync(IReadOnlyCollection<ItemWrite> writes, CancellationToken cancel)
    {
        foreach (var some in writes.Chunk(Limits.BatchWrite))
        {
            Limits.CheckBatchWrite(some);
            var left = some.GroupBy(write => NameOf(write.Key.Table)).ToDictionary(group => group.Key, group => group.Select(ItemRequests.ToBatch).ToList());
            for (var pause = new Backoff(clock); left.Count > 0; await pause.WaitAsync(settings.RetryFor, "DynamoDB leaves items unprocessed.", cancel))
            {
                var request = new BatchWriteItemRequest { RequestItems = left, ReturnConsumedCapacity = ReturnConsumedCapacity.TOTAL };
                var answer = await _sender.WriteAsync(
                    "BatchWriteItem", Several, c => client.BatchWriteItemAsync(request, c), a => a.ConsumedCapacity?.Sum(u => u.CapacityUnits), cancel);
                left = answer.UnprocessedItems ?? [];
                if (left.Count == 0)
                {
                    break;
                }
            }
        }
    }

    /// <exception cref="WriteRefusedException">Its condition was not met.</exception>
    public Task WriteAsync(ItemWrite write, CancellationToken cancel)
    {
        Limits.Check(write);
        var (table, name) = (write.Key.Table.Name, NameOf(write.Key.Table));
        return write.Kind switch
        {
            WriteKind.Put => _sender.WriteAsync(
                "PutItem", table, c => client.PutItemAsync(ItemRequests.ToPut(write, name), c), a => a.ConsumedCapacity?.CapacityUnits, cancel),
            WriteKind.Delete => _sender.WriteAsync(
                "DeleteItem", table, c => client.DeleteItemAsync(ItemRequests.ToDelete(write, name), c), a => a.ConsumedCapacity?.CapacityUnits, cancel),
            WriteKind.Update => _sender.WriteAsync(
                "UpdateItem", table, c => client.UpdateItemAsync(ItemRequests.ToUpdate(write, name), c), a => a.ConsumedCapacity?.CapacityUnits, cancel),
            _ => throw new ArgumentOutOfRangeException(nameof(write), write.Kind, "It writes nothing."),
        };
    }

    /// <summary>All writes, or none.</summary>
    /// <param name="token">Makes repetitions within ten minutes one transaction.</param>
    /// <exception cref="WriteRefusedException">A condition was not met.</exception>
    public Task TransactAsync(IReadOnlyList<ItemWrite> writes, string token, CancellationToken cancel)
    {
        Limits.CheckTransaction(writes);
        var request = new TransactWriteItemsRequest
        {
            TransactItems = [.. writes.Select(write => ItemRequests.ToTransaction(write, NameOf(write.Key.Table)))],
            ClientRequestToken = token,
            ReturnConsumedCapacity = ReturnConsumedCapacity.TOTAL,
        };
        return _sender.WriteAsync(
            "TransactWriteItems", Several, c => client.TransactWriteItemsAsync(request, c), a => a.ConsumedCapacity?.Sum(u => u.CapacityUnits), cancel);
    }
}
