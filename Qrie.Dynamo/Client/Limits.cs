using System.Text;
using Amazon.DynamoDBv2.Model;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Client;

/// <summary>DynamoDB's limits, checked before each request because emulators accept more than AWS does.</summary>
internal static class Limits
{
    public const int BatchGet = 100;
    public const int BatchWrite = 25;
    public const int Transaction = 100;
    public const int ItemBytes = 400 * 1024;
    private const int TransactionBytes = 4 * 1024 * 1024;
    private const int ExpressionBytes = 4096;
    private const int OperatorsOfExpression = 300;

    public static void CheckBatchGet(IReadOnlyCollection<ItemKey> keys)
    {
        Require(keys.Count is > 0 and <= BatchGet, $"A batch reads 1 to {BatchGet} items, not {keys.Count}.");
        Require(keys.Distinct().Count() == keys.Count, "A batch reads each item once.");
        foreach (var key in keys)
        {
            CheckKey(key);
        }
    }

    public static void CheckBatchWrite(IReadOnlyCollection<ItemWrite> writes)
    {
        Require(writes.Count is > 0 and <= BatchWrite, $"A batch writes 1 to {BatchWrite} items, not {writes.Count}.");
        Require(writes.Select(w => w.Key).Distinct().Count() == writes.Count, "A batch writes each item once.");
        foreach (var write in writes)
        {
            Require(write.Kind is WriteKind.Put or WriteKind.Delete && write.Condition is null, "A batch has neither conditions nor updates.");
            Check(write);
        }
    }

    public static void CheckTransaction(IReadOnlyCollection<ItemWrite> writes)
    {
        Require(writes.Count is > 0 and <= Transaction, $"A transaction has 1 to {Transaction} items, not {writes.Count}.");
        Require(writes.Select(w => w.Key).Distinct().Count() == writes.Count, "A transaction names each item once.");
        var bytes = 0L;
        foreach (var write in writes)
        {
            Check(write);
            bytes += write.Item is { } item ? ItemSize.Of(item.Attributes) : write.Values.Sum(v => (long)ItemSize.Of(v.Value));
        }

        Require(bytes <= TransactionBytes, $"A transaction has at most {TransactionBytes} bytes, not {bytes}.");
    }

    public static void Check(ItemWrite write)
    {
        CheckKey(write.Key);
        CheckExpression(write.Condition);
        CheckExpression(write.Update);
        Require(write.Kind != WriteKind.Check || write.Condition is not null, "A check has a condition.");
        Require(write.Kind is WriteKind.Put == write.Item is not null, "A put has an item, and nothing else has.");
        foreach (var value in write.Values.Values)
        {
            CheckValue(value);
        }

        if (write.Item is { } item)
        {
            CheckItem(write.Key.Table, item);
            Require(ItemKey.Of(write.Key.Table, item) == write.Key, "An item is put under its own key.");
        }
    }

    public static void CheckKey(ItemKey key)
    {
        CheckText(key.Table.Hash, key.Hash, ItemKey.MaxHash);
        if (key.Table.Range is { } range)
        {
            CheckText(range, key.Range!, ItemKey.MaxRange);
        }
    }

    public static void CheckExpression(string? expression)
    {
        Require(
            expression is null || Encoding.UTF8.GetByteCount(expression) <= ExpressionBytes, $"An expression has at most {ExpressionBytes} bytes.");
        Require(
            expression is null || expression.Count(c => c is ',' or '=' or '<' or '(' or '+') <= OperatorsOfExpression,
            $"An expression has at most {OperatorsOfExpression} operators.");
    }

    private static void CheckItem(StoreTable table, Item item)
    {
        foreach (var value in item.Attributes.Values)
        {
            CheckValue(value);
        }

        var size = ItemSize.Of(item.Attributes);
        Require(size <= ItemBytes, $"An item of {table.Name} has {size} bytes; the most are {ItemBytes}.");
        foreach (var index in table.Indexes)
        {
            CheckIndexKey(item, index.Hash, isNumber: false, ItemKey.MaxHash);
            CheckIndexKey(item, index.Range, index.IsRangeNumber, ItemKey.MaxRange);
        }
    }

    private static void CheckIndexKey(Item item, string name, bool isNumber, int maxBytes)
    {
        if (!item.Attributes.TryGetValue(name, out var value))
        {
            return; // not in the index
        }

        Require(isNumber ? value.N is not null : value.S is not null, $"{name} is a key of an index and must be a {(isNumber ? "number" : "text")}.");
        if (!isNumber)
        {
            CheckText(name, value.S!, maxBytes);
        }
    }

    private static void CheckValue(AttributeValue value)
    {
        CheckSet(value.SS, "texts");
        CheckSet(value.NS, "numbers");
        Require(
            value.S is not null || value.N is not null || value.B is not null || value.NULL == true || value.IsBOOLSet || value.IsLSet || value.IsMSet
            || value.SS is { Count: > 0 } || value.NS is { Count: > 0 } || value.BS is { Count: > 0 },
            "A value has a type; a set has members.");
        if (value.IsLSet)
        {
            value.L.ForEach(CheckValue);
        }

        if (value.IsMSet)
        {
            foreach (var member in value.M.Values)
            {
                CheckValue(member);
            }
        }
    }

    private static void CheckSet(List<string>? set, string what) =>
        Require(set is null || set.Distinct(StringComparer.Ordinal).Count() == set.Count, $"A set of {what} has each member once.");

    private static void CheckText(string name, string text, int maxBytes)
    {
        Require(text.Length > 0, $"{name} is a key and must not be empty.");
        Require(Encoding.UTF8.GetByteCount(text) <= maxBytes, $"{name} is a key and has at most {maxBytes} bytes.");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new DynamoLimitException(message);
        }
    }
}
