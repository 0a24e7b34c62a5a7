using System.Globalization;
using Amazon.DynamoDBv2.Model;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;

namespace Qrie.Dynamo.Client;

/// <summary>A query of the items of one partition, of a table or an index.</summary>
internal sealed record ItemQuery(StoreTable Table, string Hash)
{
    /// <summary>Null for the table.</summary>
    public StoreIndex? Index { get; init; }

    /// <summary>Inclusive; null for no limit.</summary>
    public string? From { get; init; }

    /// <summary>Inclusive; null for no limit.</summary>
    public string? To { get; init; }

    /// <summary>Only items whose sort key begins with this; excludes the limits.</summary>
    public string? Prefix { get; init; }

    public bool Descending { get; init; }

    /// <summary>Reads what was written just before; not possible with global indexes.</summary>
    public bool Strong { get; init; }

    /// <summary>The most items of one request; null for what fits in 1 MB.</summary>
    public int? Limit { get; init; }

    /// <summary>The last item of the previous page.</summary>
    public Dictionary<string, AttributeValue>? After { get; init; }

    /// <summary>Only these attributes, with the keys; null for all.</summary>
    public IReadOnlyList<string>? Only { get; init; }

    public QueryRequest ToRequest(string tableName)
    {
        var hash = Index?.Hash ?? Table.Hash;
        var range = Index?.Range ?? Table.Range ?? hash;
        var isNumber = Index?.IsRangeNumber ?? false;
        var names = new Dictionary<string, string> { ["#h"] = hash };
        var values = new Dictionary<string, AttributeValue> { [":h"] = Item.Value(KeyText.Fit(Hash, ItemKey.MaxHash)) };
        var condition = "#h = :h";
        if (Prefix is { Length: > 0 } prefix)
        {
            Add("begins_with(#r, :p)", (":p", prefix));
        }
        else if (From is not null && To is not null)
        {
            Add("#r BETWEEN :f AND :t", (":f", From), (":t", To));
        }
        else if (From is not null)
        {
            Add("#r >= :f", (":f", From));
        }
        else if (To is not null)
        {
            Add("#r <= :t", (":t", To));
        }

        var request = new QueryRequest
        {
            TableName = tableName,
            IndexName = Index?.Name,
            KeyConditionExpression = condition,
            ExpressionAttributeNames = names,
            ExpressionAttributeValues = values,
            ScanIndexForward = !Descending,
            ConsistentRead = Strong,
            ExclusiveStartKey = After,
            ReturnConsumedCapacity = Amazon.DynamoDBv2.ReturnConsumedCapacity.TOTAL,
        };
        if (Limit is { } limit)
        {
            request.Limit = limit;
        }

        if (Only is { } only)
        {
            request.ProjectionExpression = string.Join(", ", only.Select((name, i) =>
            {
                var placeholder = string.Create(CultureInfo.InvariantCulture, $"#{i}");
                names[placeholder] = name;
                return placeholder;
            }));
        }

        return request;

        void Add(string part, params ReadOnlySpan<(string Name, string Value)> bound)
        {
            condition += " AND " + part;
            names["#r"] = range;
            foreach (var (name, value) in bound)
            {
                values[name] = isNumber ? new AttributeValue { N = value } : Item.Value(KeyText.Fit(value, ItemKey.MaxRange));
            }
        }
    }
}

/// <summary>The answer of one request.</summary>
/// <param name="Next">Where the next request begins; null if there is nothing more.</param>
internal sealed record ItemPage(IReadOnlyList<Item> Items, Dictionary<string, AttributeValue>? Next);
