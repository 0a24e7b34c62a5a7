using Amazon.DynamoDBv2.Model;
using Qrie.Dynamo.Items;

namespace Qrie.Dynamo.Writes;

internal enum WriteKind
{
    Put,
    Delete,
    Update,

    /// <summary>Nothing is written; the condition must hold.</summary>
    Check,
}

/// <summary>A write of one item, alone or in a transaction or batch. Names and values of its expressions are placeholders.</summary>
internal sealed class ItemWrite(WriteKind kind, ItemKey key)
{
    public WriteKind Kind => kind;

    public ItemKey Key => key;

    /// <summary>Of a put, with the attributes of its key.</summary>
    public Item? Item { get; private init; }

    public string? Update { get; private set; }

    public string? Condition { get; private set; }

    public Dictionary<string, string> Names { get; } = [];

    public Dictionary<string, AttributeValue> Values { get; } = [];

    /// <summary>The attributes of the key are added to the item.</summary>
    public static ItemWrite Put(ItemKey key, Item item)
    {
        foreach (var (name, value) in key.ToAttributes())
        {
            item.Set(name, value);
        }

        return new ItemWrite(WriteKind.Put, key) { Item = item };
    }

    public static ItemWrite Delete(ItemKey key) => new(WriteKind.Delete, key);

    public static ItemWrite Check(ItemKey key) => new(WriteKind.Check, key);

    /// <summary>An update that sets, adds to, and removes attributes.</summary>
    public static ItemWrite Change(
        ItemKey key, IReadOnlyDictionary<string, AttributeValue>? set = null, IReadOnlyDictionary<string, long>? add = null, IEnumerable<string>? remove = null)
    {
        var write = new ItemWrite(WriteKind.Update, key);
        var parts = new List<string>();
        if (set is { Count: > 0 })
        {
            parts.Add("SET " + string.Join(", ", set.Select(s => $"{write.Name(s.Key)} = {write.Value(s.Value)}")));
        }

        if (add is { Count: > 0 })
        {
            parts.Add("ADD " + string.Join(", ", add.Select(a => $"{write.Name(a.Key)} {write.Value(Item.Value(a.Value))}")));
        }

        if (remove?.ToList() is { Count: > 0 } removed)
        {
            parts.Add("REMOVE " + string.Join(", ", removed.Select(write.Name)));
        }

        write.Update = string.Join(' ', parts);
        return write;
    }

    /// <summary>The item must have the version; null: it must not exist, or 0: it must exist without a version.</summary>
    public ItemWrite IfVersion(long? version) => If(version switch
    {
        null => $"attribute_not_exists({Name(key.Table.Hash)})",
        0 => $"attribute_exists({Name(key.Table.Hash)}) AND attribute_not_exists({Name(Items.Item.Version)})",
        { } at => $"{Name(Items.Item.Version)} = {Value(Items.Item.Value(at))}",
    });

    /// <summary>Adds a condition, made with <see cref="Name"/> and <see cref="Value"/>.</summary>
    public ItemWrite If(string condition)
    {
        Condition = Condition is null ? condition : $"{Condition} AND {condition}";
        return this;
    }

    /// <summary>The placeholder of an attribute.</summary>
    public string Name(string attribute)
    {
        foreach (var (placeholder, name) in Names)
        {
            if (name == attribute)
            {
                return placeholder;
            }
        }

        var added = $"#{Names.Count}";
        Names[added] = attribute;
        return added;
    }

    /// <summary>The placeholder of a value.</summary>
    public string Value(AttributeValue value)
    {
        var placeholder = $":{Values.Count}";
        Values[placeholder] = value;
        return placeholder;
    }
}
