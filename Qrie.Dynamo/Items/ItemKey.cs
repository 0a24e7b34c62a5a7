using Amazon.DynamoDBv2.Model;
using Qrie.Dynamo.Tables;

namespace Qrie.Dynamo.Items;

/// <summary>The primary key of an item.</summary>
internal sealed record ItemKey
{
    /// <summary>DynamoDB's limits, in bytes.</summary>
    public const int MaxHash = 2048;

    public const int MaxRange = 1024;

    private ItemKey(StoreTable table, string hash, string? range)
    {
        Table = table;
        Hash = hash;
        Range = range;
    }

    public StoreTable Table { get; }

    public string Hash { get; }

    /// <summary>Null in tables without one.</summary>
    public string? Range { get; }

    public static ItemKey Of(StoreTable table, string hash, string? range = null)
    {
        if (range is null != (table.Range is null))
        {
            throw new ArgumentException($"Table {table.Name} has {(table.Range is null ? "no" : "a")} sort key.", nameof(range));
        }

        return new ItemKey(table, KeyText.Fit(hash, MaxHash), range is null ? null : KeyText.Fit(range, MaxRange));
    }

    /// <summary>The key of an item that was read.</summary>
    public static ItemKey Of(StoreTable table, Item item) =>
        new(table, item.RequiredText(table.Hash), table.Range is null ? null : item.RequiredText(table.Range));

    public Dictionary<string, AttributeValue> ToAttributes()
    {
        var key = new Dictionary<string, AttributeValue> { [Table.Hash] = new() { S = Hash } };
        if (Table.Range is { } range)
        {
            key[range] = new AttributeValue { S = Range };
        }

        return key;
    }
}
