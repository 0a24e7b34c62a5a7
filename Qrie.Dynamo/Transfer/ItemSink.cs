using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Transfer;

/// <summary>Gathers puts and sends them in batches, several at a time. An item that is put twice is stored once, as it was put last.</summary>
internal sealed class ItemSink(DynamoCalls calls)
{
    private const int BatchesAtOnce = 8;

    private readonly Dictionary<ItemKey, ItemWrite> _writes = [];
    private long _bytes;

    /// <summary>Whether it is time to send.</summary>
    public bool IsFull => _writes.Count >= BatchesAtOnce * Limits.BatchWrite || _bytes >= BatchesAtOnce * Limits.ItemBytes;

    public void Add(IEnumerable<ItemWrite> puts)
    {
        foreach (var put in puts)
        {
            _writes[put.Key] = put;
            _bytes += ItemSize.Of(put.Item!.Attributes);
        }
    }

    public async Task FlushAsync(CancellationToken cancel)
    {
        await Parallel.ForEachAsync(
            _writes.Values.Chunk(Limits.BatchWrite), new ParallelOptions { MaxDegreeOfParallelism = BatchesAtOnce, CancellationToken = cancel },
            async (some, stop) => await calls.BatchWriteAsync(some, stop));
        _writes.Clear();
        _bytes = 0;
    }
}
