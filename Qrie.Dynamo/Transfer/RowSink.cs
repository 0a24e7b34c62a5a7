using Qrie.Domain.Transfer;

namespace Qrie.Dynamo.Transfer;

/// <summary>Gathers rows of an export and adds them to a buffer, many at a time.</summary>
/// <param name="progress">The rows so far.</param>
internal sealed class RowSink(ITransferBuffer buffer, Func<long, Task> progress, CancellationToken cancel)
{
    private const int AtOnce = 5000;
    private const long BytesAtOnce = 32_000_000;

    private readonly List<TransferRow> _rows = [];
    private long _added;
    private long _bytes;

    public async Task AddAsync(TransferRow row)
    {
        _rows.Add(row);
        _bytes += row.Size;
        if (_rows.Count == AtOnce || _bytes >= BytesAtOnce)
        {
            await FlushAsync();
        }
    }

    public async Task FlushAsync()
    {
        await buffer.AddAsync(_rows, cancel);
        _added += _rows.Count;
        _rows.Clear();
        _bytes = 0;
        await progress(_added);
    }
}
