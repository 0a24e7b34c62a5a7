using System.Globalization;
using Qrie.Domain;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;

namespace Qrie.Dynamo.Writes;

/// <summary>Records as items with a document in JSON.</summary>
internal static class Documents
{
    private const string Attribute = "Doc";

    /// <summary>The key of a record in the table for all that has none of its own.</summary>
    public static ItemKey Key(string partition, string sort) => ItemKey.Of(StoreTables.State, partition, sort);

    public static string PartitionOf(params ReadOnlySpan<string> values) => KeyText.Join(values);

    /// <summary>Stores a record, on condition that it has not changed since it was read.</summary>
    /// <param name="more">Attributes beside the document.</param>
    public static async Task PutAsync<T>(this WriteSession session, ItemKey key, T value, Action<Item>? more = null)
    {
        var before = await session.GetAsync(key);
        var item = new Item();
        more?.Invoke(item);
        LargeText.Set(session, key, item, before, Attribute, Json.Of(value));
        session.Put(key, item);
    }

    /// <summary>A record that no transaction names yet, stored whatever is there. It must be small.</summary>
    public static ItemWrite New<T>(ItemKey key, T value) => ItemWrite.Put(key, new Item().Set(Attribute, Json.Of(value)));

    /// <summary>Deletes a record if there is one. Returns whether there was.</summary>
    public static async Task<bool> DeleteAsync(this WriteSession session, ItemKey key)
    {
        if (await session.GetAsync(key) is not { } before)
        {
            return false;
        }

        LargeText.Obsolete(session, key, before, Attribute);
        session.Delete(key);
        return true;
    }

    /// <summary>Null if there is none.</summary>
    public static async Task<T?> FindAsync<T>(this WriteSession session, ItemKey key)
        where T : class =>
        await session.GetAsync(key) is { } item ? await ReadAsync<T>(session.Calls, key, item, session.Cancel) : null;

    /// <summary>Null if there is none.</summary>
    public static async Task<T?> FindAsync<T>(this DynamoStore store, ItemKey key, CancellationToken cancel)
        where T : class =>
        await store.GetAsync(key, cancel) is { } item ? await ReadAsync<T>(store.Calls, key, item, cancel) : null;

    /// <summary>The record of an item; null if it was deleted while its parts were read.</summary>
    public static async Task<T?> ReadAsync<T>(DynamoCalls calls, ItemKey key, Item item, CancellationToken cancel)
        where T : class =>
        await LargeText.ReadAsync(calls, key, item, Attribute, () => calls.GetAsync(key, strong: true, cancel), cancel) is { } json ? Json.To<T>(json) : null;

    /// <summary>All records of a partition, in order.</summary>
    public static async Task<List<T>> ListAsync<T>(this DynamoStore store, ItemQuery query, CancellationToken cancel)
        where T : class
    {
        var records = new List<T>();
        await foreach (var item in store.Calls.QueryAllAsync(query, cancel))
        {
            if (await ReadAsync<T>(store.Calls, ItemKey.Of(query.Table, item), item, cancel) is { } record)
            {
                records.Add(record);
            }
        }

        return records;
    }

    /// <summary>A page of the records of a partition that meet a condition, in the order of the query.</summary>
    /// <param name="sortAfter">The sort key after which the page begins; null for the first page.</param>
    /// <param name="next">The key of the page after a record.</param>
    /// <param name="wanted">Null for all.</param>
    public static async Task<Page<T>> PageAsync<T>(
        this DynamoStore store, ItemQuery query, int size, string? sortAfter, Func<T, IReadOnlyList<string>> next, Func<T, bool>? wanted,
        CancellationToken cancel)
        where T : class
    {
        var records = new List<T>();
        var first = query with { Limit = wanted is null ? size + 1 : null };
        if (sortAfter is not null)
        {
            // The item with this key may be gone: it only says where to begin.
            first = first with { After = ItemKey.Of(query.Table, query.Hash, sortAfter).ToAttributes() };
        }

        await foreach (var item in store.Calls.QueryAllAsync(first, cancel))
        {
            if (await ReadAsync<T>(store.Calls, ItemKey.Of(query.Table, item), item, cancel) is { } record && wanted?.Invoke(record) != false)
            {
                records.Add(record);
                if (records.Count > size)
                {
                    break;
                }
            }
        }

        return new Page<T>([.. records.Take(size)], records.Count > size ? next(records[size - 1]) : null);
    }

    /// <summary>A time as the last page's key has it.</summary>
    public static string Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    public static DateTimeOffset Time(string ms) => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(ms, CultureInfo.InvariantCulture));
}
