using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Client;

/// <summary>Writes as the client's requests. Empty collections must be null: DynamoDB refuses names and values that no expression uses.</summary>
internal static class ItemRequests
{
    public static WriteRequest ToBatch(ItemWrite write) => write.Kind == WriteKind.Put
        ? new WriteRequest { PutRequest = new PutRequest { Item = write.Item!.Attributes } }
        : new WriteRequest { DeleteRequest = new DeleteRequest { Key = write.Key.ToAttributes() } };

    public static PutItemRequest ToPut(ItemWrite write, string table) => new()
    {
        TableName = table,
        Item = write.Item!.Attributes,
        ConditionExpression = write.Condition,
        ExpressionAttributeNames = NullIfEmpty(write.Names),
        ExpressionAttributeValues = NullIfEmpty(write.Values),
        ReturnConsumedCapacity = ReturnConsumedCapacity.TOTAL,
    };

    public static DeleteItemRequest ToDelete(ItemWrite write, string table) => new()
    {
        TableName = table,
        Key = write.Key.ToAttributes(),
        ConditionExpression = write.Condition,
        ExpressionAttributeNames = NullIfEmpty(write.Names),
        ExpressionAttributeValues = NullIfEmpty(write.Values),
        ReturnConsumedCapacity = ReturnConsumedCapacity.TOTAL,
    };

    public static UpdateItemRequest ToUpdate(ItemWrite write, string table) => new()
    {
        TableName = table,
        Key = write.Key.ToAttributes(),
        UpdateExpression = write.Update,
        ConditionExpression = write.Condition,
        ExpressionAttributeNames = NullIfEmpty(write.Names),
        ExpressionAttributeValues = NullIfEmpty(write.Values),
        ReturnConsumedCapacity = ReturnConsumedCapacity.TOTAL,
    };

    public static TransactWriteItem ToTransaction(ItemWrite write, string table) => write.Kind switch
    {
        WriteKind.Put => new TransactWriteItem
        {
            Put = new Put
            {
                TableName = table,
                Item = write.Item!.Attributes,
                ConditionExpression = write.Condition,
                ExpressionAttributeNames = NullIfEmpty(write.Names),
                ExpressionAttributeValues = NullIfEmpty(write.Values),
            },
        },
        WriteKind.Delete => new TransactWriteItem
        {
            Delete = new Delete
            {
                TableName = table,
                Key = write.Key.ToAttributes(),
                ConditionExpression = write.Condition,
                ExpressionAttributeNames = NullIfEmpty(write.Names),
                ExpressionAttributeValues = NullIfEmpty(write.Values),
            },
        },
        WriteKind.Update => new TransactWriteItem
        {
            Update = new Update
            {
                TableName = table,
                Key = write.Key.ToAttributes(),
                UpdateExpression = write.Update,
                ConditionExpression = write.Condition,
                ExpressionAttributeNames = NullIfEmpty(write.Names),
                ExpressionAttributeValues = NullIfEmpty(write.Values),
            },
        },
        _ => new TransactWriteItem
        {
            ConditionCheck = new ConditionCheck
            {
                TableName = table,
                Key = write.Key.ToAttributes(),
                ConditionExpression = write.Condition,
                ExpressionAttributeNames = NullIfEmpty(write.Names),
                ExpressionAttributeValues = NullIfEmpty(write.Values),
            },
        },
    };

    private static Dictionary<string, T>? NullIfEmpty<T>(Dictionary<string, T> values) => values.Count == 0 ? null : values;
}
