using System.IO.Compression;
using System.Text;
using Amazon.DynamoDBv2.Model;
using Qrie.Domain.Validation;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Items;

/// <summary>
/// A text of any length as an attribute: plain while it is small, then compressed, then in parts that are items of their own. Parts are never changed: a new
/// value has new ones, which are stored before the item that names them, so that a reader gets one value or the other.
/// </summary>
internal static class LargeText
{
    /// <summary>The size of a read unit is 4 KB and that of a write unit 1 KB: below that, compression saves nothing.</summary>
    private const int CompressedFrom = 1024;

    /// <summary>An item is written whole, so that what changes rarely and is large is better apart.</summary>
    public const int InPartsFrom = 200 * 1024;

    private const int PartBytes = 350 * 1024;
    private const string Data = "Data";

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Sets an attribute of an item that the session stores afterwards.</summary>
    /// <param name="before">The stored item; null if there is none.</param>
    /// <param name="text">Null removes the attribute.</param>
    /// <param name="inPartsFrom">From which compressed size it is stored apart.</param>
    public static void Set(
        WriteSession session, ItemKey key, Item item, Item? before, string attribute, string? text, int inPartsFrom = InPartsFrom)
    {
        Obsolete(session, key, before, attribute);
        if (text is null)
        {
            item.Set(attribute, (string?)null);
            return;
        }

        var utf8 = Encoding.UTF8.GetBytes(text);
        if (utf8.Length < Math.Min(CompressedFrom, inPartsFrom))
        {
            item.Set(attribute, text);
            return;
        }

        var compressed = Compress(utf8);
        if (compressed.Length < inPartsFrom)
        {
            item.Set(attribute, compressed);
            return;
        }

        var names = new List<AttributeValue>();
        foreach (var part in compressed.Chunk(PartBytes))
        {
            var name = KeyText.Join(session.Id, attribute, KeyText.Of(names.Count));
            session.Before(ItemWrite.Put(PartKey(key, name), new Item().Set(Data, part)));
            names.Add(Item.Value(name));
        }

        item.Set(attribute, new AttributeValue { L = names });
    }

    /// <summary>The parts of an item that the session deletes.</summary>
    public static void Obsolete(WriteSession session, ItemKey key, Item? before, string attribute)
    {
        foreach (var name in PartsOf(before, attribute))
        {
            session.After(ItemWrite.Delete(PartKey(key, name)));
        }
    }

    /// <summary>The text of an attribute; null if there is none.</summary>
    /// <param name="again">Reads the item again, if its parts were replaced meanwhile.</param>
    public static async Task<string?> ReadAsync(
        DynamoCalls calls, ItemKey key, Item item, string attribute, Func<Task<Item?>> again, CancellationToken cancel)
    {
        const int attempts = 5;
        var current = item;
        for (var attempt = 0; attempt < attempts && current is not null; attempt++)
        {
            var names = PartsOf(current, attribute);
            if (names.Count == 0)
            {
                return current.Text(attribute) ?? (current.Bytes(attribute) is { } compressed ? Decompress(compressed) : null);
            }

            var parts = await calls.BatchGetAsync([.. names.Select(name => PartKey(key, name))], strong: true, cancel);
            if (parts.Count == names.Count)
            {
                return Decompress([.. names.SelectMany(name => parts[PartKey(key, name)].Bytes(Data)!)]);
            }

            current = await again();
        }

        return current is null ? null : throw new StoreUnavailableException($"A large value in {key.Table.Name} kept changing, or its parts are missing.");
    }

    /// <summary>The texts of many items, in order; their parts are read together.</summary>
    public static async Task<IReadOnlyList<string?>> ReadAllAsync(
        DynamoCalls calls, IReadOnlyList<(ItemKey Key, Item Item)> items, string attribute, CancellationToken cancel)
    {
        var named = items.SelectMany(i => PartsOf(i.Item, attribute).Select(name => PartKey(i.Key, name))).ToList();
        var parts = named.Count == 0 ? [] : await calls.BatchGetAsync(named, strong: true, cancel);
        var texts = new string?[items.Count];
        for (var i = 0; i < items.Count; i++)
        {
            var (key, item) = items[i];
            var names = PartsOf(item, attribute);
            texts[i] = names.Count > 0 && names.TrueForAll(name => parts.ContainsKey(PartKey(key, name)))
                ? Decompress([.. names.SelectMany(name => parts[PartKey(key, name)].Bytes(Data)!)])
                : await ReadAsync(calls, key, item, attribute, () => calls.GetAsync(key, strong: true, cancel), cancel);
        }

        return texts;
    }

    private static ItemKey PartKey(ItemKey key, string name) =>
        ItemKey.Of(StoreTables.State, KeyText.Join("part", key.Table.Name, key.Hash, key.Range ?? ""), name);

    private static List<string> PartsOf(Item? item, string attribute) =>
        item?.Attributes.GetValueOrDefault(attribute) is { IsLSet: true } list ? [.. list.L.Select(v => v.S)] : [];

    public static byte[] Compress(byte[] bytes)
    {
        var buffer = new byte[BrotliEncoder.GetMaxCompressedLength(bytes.Length)];
        return BrotliEncoder.TryCompress(bytes, buffer, out var length, quality: 4, window: 18)
            ? buffer[..length]
            : throw new InvalidOperationException("A value could not be compressed.");
    }

    public static string Decompress(byte[] compressed)
    {
        using var stream = new BrotliStream(new MemoryStream(compressed), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return s_strict.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
