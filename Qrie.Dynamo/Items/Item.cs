using System.Globalization;
using Amazon.DynamoDBv2.Model;

namespace Qrie.Dynamo.Items;

/// <summary>The attributes of an item. An attribute without a value is absent, so that sparse indexes leave the item out.</summary>
internal sealed class Item
{
    /// <summary>Increases with every write that depends on what was read.</summary>
    public const string Version = "Version";

    /// <summary>The transaction that wrote it last.</summary>
    public const string Writer = "Writer";

    /// <summary>The one before that: it may have had no answer until now.</summary>
    public const string WriterBefore = "WriterBefore";

    /// <summary>When it may be deleted, in seconds; DynamoDB does so some days later.</summary>
    public const string ExpiresAt = "ExpiresAt";

    public Item()
        : this([])
    {
    }

    public Item(Dictionary<string, AttributeValue> attributes) => Attributes = attributes;

    public Dictionary<string, AttributeValue> Attributes { get; }

    public string? Text(string name) => Attributes.GetValueOrDefault(name)?.S;

    public string RequiredText(string name) => Text(name) ?? throw Missing(name);

    public long? Number(string name) =>
        Attributes.GetValueOrDefault(name)?.N is { } text ? long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : null;

    public long RequiredNumber(string name) => Number(name) ?? throw Missing(name);

    public byte[]? Bytes(string name) => Attributes.GetValueOrDefault(name)?.B?.ToArray();

    public DateTimeOffset? Time(string name) => Number(name) is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;

    public DateTimeOffset RequiredTime(string name) => Time(name) ?? throw Missing(name);

    /// <summary>Null removes the attribute.</summary>
    public Item Set(string name, string? value) => Set(name, value is null ? null : Value(value));

    /// <summary>Null removes the attribute.</summary>
    public Item Set(string name, long? value) => Set(name, value is null ? null : Value(value.Value));

    /// <summary>In milliseconds; null removes the attribute.</summary>
    public Item Set(string name, DateTimeOffset? value) => Set(name, value?.ToUnixTimeMilliseconds());

    /// <summary>Null removes the attribute.</summary>
    public Item Set(string name, byte[]? value) => Set(name, value is null ? null : new AttributeValue { B = new MemoryStream(value) });

    /// <summary>Null removes the attribute.</summary>
    public Item Set(string name, AttributeValue? value)
    {
        if (value is null)
        {
            Attributes.Remove(name);
        }
        else
        {
            Attributes[name] = value;
        }

        return this;
    }

    /// <summary>The item will be deleted some time after this.</summary>
    public Item Expire(DateTimeOffset? at) => Set(ExpiresAt, at?.ToUnixTimeSeconds());

    /// <summary>A copy that can be changed without changing this one.</summary>
    public Item Copy() => new(new Dictionary<string, AttributeValue>(Attributes));

    public static AttributeValue Value(string text) => new() { S = text };

    public static AttributeValue Value(long number) => new() { N = number.ToString(CultureInfo.InvariantCulture) };

    private static InvalidDataException Missing(string name) => new($"A stored item has no attribute {name}.");
}
