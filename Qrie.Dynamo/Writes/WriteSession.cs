using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;

namespace Qrie.Dynamo.Writes;

/// <summary>
/// What one transaction reads and writes. Reads are strong and remembered; nothing is written before the end. Then all writes happen, or, if an item that is
/// replaced or required was changed since it was read, none. Not thread-safe.
/// </summary>
/// <param name="newId">
/// Of a session of an import into an empty store: it reads nothing, and its writes are taken by <see cref="Collect"/> instead of being committed. Null for a
/// transaction.
/// </param>
internal sealed class WriteSession(DynamoCalls calls, CancellationToken cancel, string? newId = null)
{
    private readonly Dictionary<ItemKey, Item?> _read = [];
    private readonly Dictionary<ItemKey, ItemWrite> _writes = [];
    private readonly Dictionary<ItemKey, Dictionary<string, long>> _added = [];
    private readonly Dictionary<ItemKey, ItemWrite> _before = [];
    private readonly List<ItemWrite> _after = [];
    private readonly bool _isImport = newId is not null;
    private ItemKey? _witness;

    /// <summary>Marks what this transaction writes, and makes its repetitions one.</summary>
    public string Id { get; } = newId ?? Guid.NewGuid().ToString("N");

    public CancellationToken Cancel => cancel;

    public DynamoCalls Calls => calls;

    /// <summary>The work reads anew what is left to be done, so that to begin it again does nothing twice: a lost answer needs no decision.</summary>
    public bool IsRepeatable { get; set; }

    /// <summary>The number of items that the transaction would name now.</summary>
    public int Count => _writes.Count + _added.Count;

    /// <summary>What is stored, or what this transaction will write; null if there is none. The result must not be changed: <see cref="Item.Copy"/>.</summary>
    public async Task<Item?> GetAsync(ItemKey key)
    {
        if (_writes.TryGetValue(key, out var write) && write.Kind != WriteKind.Check)
        {
            return write.Item;
        }

        if (!_read.TryGetValue(key, out var item))
        {
            _read[key] = item = _isImport ? null : await calls.GetAsync(key, strong: true, cancel);
        }

        return item;
    }

    /// <summary>Reads many at once, for <see cref="GetAsync"/>.</summary>
    public async Task LoadAsync(IEnumerable<ItemKey> keys)
    {
        var missing = keys.Where(key => !_read.ContainsKey(key)).Distinct().ToList();
        if (missing.Count == 1)
        {
            _read[missing[0]] = await calls.GetAsync(missing[0], strong: true, cancel);
        }
        else if (missing.Count > 1)
        {
            var found = await calls.BatchGetAsync(missing, strong: true, cancel);
            foreach (var key in missing)
            {
                _read[key] = found.GetValueOrDefault(key);
            }
        }
    }

    /// <summary>What a query with strong reads has found, or is known otherwise: the item may be replaced if this is still so at the end.</summary>
    public void Expect(ItemKey key, Item? item) => _read.TryAdd(key, item);

    /// <summary>Stores or replaces an item that was read, on condition that it has not changed.</summary>
    public void Put(ItemKey key, Item item)
    {
        var version = ReadVersion(key);
        item.Set(Item.Version, (version ?? 0) + 1).Set(Item.Writer, Id).Set(Item.WriterBefore, _read[key]?.Text(Item.Writer));
        _writes[key] = ItemWrite.Put(key, item).IfVersion(version);
        _witness ??= key;
    }

    /// <summary>Stores an item on condition that there is none.</summary>
    public void Add(ItemKey key, Item item)
    {
        _read.TryAdd(key, null);
        Put(key, item);
    }

    /// <summary>Stores an item whatever is there. Other transactions do not notice it.</summary>
    public void Overwrite(ItemKey key, Item item) => _writes[key] = ItemWrite.Put(key, item);

    /// <summary>Deletes an item that was read, on condition that it has not changed; nothing if there is none.</summary>
    public void Delete(ItemKey key)
    {
        if (ReadVersion(key) is { } version)
        {
            _writes[key] = ItemWrite.Delete(key).IfVersion(version);
        }
        else
        {
            _writes.Remove(key); // what this transaction was about to store
        }
    }

    /// <summary>Deletes an item that others change without versions, on condition that its numbers are as they were read.</summary>
    public void DeleteIf(ItemKey key, Item read)
    {
        var write = ItemWrite.Delete(key);
        foreach (var (name, value) in read.Attributes.Where(a => a.Value.N is not null))
        {
            write.If($"{write.Name(name)} = {write.Value(value)}");
        }

        _writes[key] = write;
    }

    /// <summary>Deletes an item whatever is there.</summary>
    public void Remove(ItemKey key) => _writes[key] = ItemWrite.Delete(key);

    /// <summary>An item that was read must not change until the end.</summary>
    public void Require(ItemKey key)
    {
        if (!_writes.ContainsKey(key))
        {
            _writes[key] = ItemWrite.Check(key).IfVersion(ReadVersion(key));
        }
    }

    /// <summary>Any other write. Its condition counts as one of the transaction.</summary>
    public void Write(ItemWrite write) => _writes[write.Key] = write;

    /// <summary>Adds to a number of an item, which is made if there is none.</summary>
    public void Increase(ItemKey key, string attribute, long by)
    {
        var added = _added.TryGetValue(key, out var sums) ? sums : _added[key] = [];
        added[attribute] = added.GetValueOrDefault(attribute) + by;
    }

    /// <summary>Stored before the transaction, whether it succeeds or not: what nothing names yet, or what readers check.</summary>
    public void Before(ItemWrite put) => _before[put.Key] = put;

    /// <summary>Written after the transaction, if its condition is met: what nothing names any more is deleted.</summary>
    public void After(ItemWrite write) => _after.Add(write);

    /// <summary>Everything that this session of an import writes, without conditions.</summary>
    public IEnumerable<ItemWrite> Collect() => _before.Values.Concat(
        _writes.Values.Where(write => write.Kind == WriteKind.Put).Select(write => ItemWrite.Put(write.Key, write.Item!)));

    /// <summary>Returns false if something changed meanwhile: nothing was written, and the transaction must begin again.</summary>
    public async Task<bool> CommitAsync()
    {
        var writes = _writes.Values.ToList();
        foreach (var (key, sums) in _added)
        {
            var changed = sums.Where(sum => sum.Value != 0).ToDictionary();
            if (changed.Count > 0)
            {
                writes.Add(ItemWrite.Change(key, add: changed));
            }
        }

        if (writes.TrueForAll(write => write.Kind == WriteKind.Check))
        {
            return writes.Count == 0 || await HoldAsync(writes);
        }

        if (_added.Count > 0 && _witness is null && _writes.Count == 0)
        {
            throw new DynamoLimitException("A transaction that only adds could not determine whether it succeeded: it must also write an existing item.");
        }

        await calls.BatchWriteAsync(_before.Values, cancel);
        if (!await SendAsync(writes))
        {
            return false;
        }

        await FinishAsync();
        return true;
    }

    private async Task FinishAsync()
    {
        await calls.BatchWriteAsync([.. _after.Where(write => write.Condition is null).DistinctBy(write => write.Key)], cancel);
        foreach (var write in _after.Where(write => write.Condition is not null))
        {
            try
            {
                await calls.WriteAsync(write, cancel);
            }
            catch (WriteRefusedException)
            {
                // Another transaction uses the item meanwhile.
            }
        }
    }

    private async Task<bool> SendAsync(List<ItemWrite> writes)
    {
        try
        {
            if (writes is [var only])
            {
                await calls.WriteAsync(only, cancel);
            }
            else
            {
                await calls.TransactAsync(writes, Id, cancel);
            }

            return true;
        }
        catch (WriteRefusedException) when (IsRepeatable)
        {
            return false;
        }
        catch (WriteRefusedException e)
        {
            // An attempt whose answer was lost may have succeeded; then the conditions of the next one fail. Below this, too, requests are repeated: the client
            // does so when a connection breaks in the middle of an answer, whatever its settings say.
            return await HasSucceededAsync(e);
        }
    }

    private async Task<bool> HasSucceededAsync(WriteRefusedException e)
    {
        if (_witness is not { } witness)
        {
            return e.MayBeOwn ? throw UnknownOutcome(e) : false;
        }

        var (read, stored) = (_read[witness], await calls.GetAsync(witness, strong: true, cancel));
        if (stored?.Text(Item.Writer) == Id || stored?.Text(Item.WriterBefore) == Id)
        {
            return true;
        }

        var isAsRead = stored?.Number(Item.Version) == read?.Number(Item.Version) && stored is null == read is null;
        return e.MayBeOwn && !isAsRead ? throw UnknownOutcome(e) : false;
    }

    /// <summary>Whether the checked items are unchanged; nothing is to be written.</summary>
    private async Task<bool> HoldAsync(List<ItemWrite> checks)
    {
        var now = await calls.BatchGetAsync([.. checks.Select(check => check.Key)], strong: true, cancel);
        return checks.TrueForAll(check =>
            now.GetValueOrDefault(check.Key) is var item && item?.Number(Item.Version) == _read[check.Key]?.Number(Item.Version)
            && item is null == _read[check.Key] is null);
    }

    /// <summary>Null: there is none; 0: it was not written by a transaction.</summary>
    private long? ReadVersion(ItemKey key) => _read.TryGetValue(key, out var item)
        ? item is null ? null : item.Number(Item.Version) ?? 0
        : throw new InvalidOperationException($"An item of {key.Table.Name} is replaced without having been read.");

    private static Domain.Validation.StoreUnavailableException UnknownOutcome(Exception e) =>
        new("DynamoDB did not answer, and it cannot be determined whether it wrote.", e);
}
