using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Transfer;

/// <summary>An item of <see cref="StoreTables.State"/> that is being exported.</summary>
internal sealed class StoredItem(DynamoStore store, Item item, CancellationToken cancel)
{
    public Item Item => item;

    /// <summary>The parts of the partition key; the first says what it is.</summary>
    public string[] Parts { get; } = item.RequiredText(StoreTables.State.Hash).Split(KeyText.Separator);

    /// <summary>The second part of the partition key.</summary>
    public string Organization => Parts[1];

    public string Sort => item.RequiredText(StoreTables.State.Range!);

    public string[] SortParts => Sort.Split(KeyText.Separator);

    public DynamoStore Store => store;

    public CancellationToken Cancel => cancel;

    /// <summary>The record of the item.</summary>
    public async Task<T> ReadAsync<T>()
        where T : class =>
        await Documents.ReadAsync<T>(store.Calls, ItemKey.Of(StoreTables.State, item), item, cancel)
            ?? throw new InvalidDataException($"A record of {Parts[0]} was deleted during the export.");

    /// <summary>The attributes that are counts.</summary>
    public IEnumerable<(string Name, long N)> Counts =>
        item.Attributes.Where(a => a.Value.N is not null && a.Key != Item.ExpiresAt && a.Key != Item.Version)
            .Select(a => (a.Key, item.RequiredNumber(a.Key)));
}
