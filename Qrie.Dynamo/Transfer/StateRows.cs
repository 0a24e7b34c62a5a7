using Qrie.Domain.Transfer;
using Qrie.Dynamo.Items;

namespace Qrie.Dynamo.Transfer;

/// <summary>How items of the table for all that has none of its own become rows, by what the items are.</summary>
internal sealed class StateRows
{
    private readonly Dictionary<string, Func<StoredItem, RowSink, Task>> _kinds = new(StringComparer.Ordinal);

    /// <param name="partition">Any partition of the kind.</param>
    public StateRows Add(string partition, Func<StoredItem, RowSink, Task> rowsOfAsync)
    {
        _kinds.Add(KindOf(partition), rowsOfAsync);
        return this;
    }

    /// <summary>Items of which each is a row.</summary>
    public StateRows Add(string partition, Func<StoredItem, Task<TransferRow>> rowOfAsync) =>
        Add(partition, async (item, rows) => await rows.AddAsync(await rowOfAsync(item)));

    /// <summary>Items of which each is a row that needs no reading.</summary>
    public StateRows Add(string partition, Func<StoredItem, IEnumerable<TransferRow>> rowsOf) =>
        Add(partition, async (item, rows) =>
        {
            foreach (var row in rowsOf(item))
            {
                await rows.AddAsync(row);
            }
        });

    /// <summary>Items that only find others, or that make sense only while a service runs.</summary>
    public StateRows Ignore(params ReadOnlySpan<string> kinds)
    {
        foreach (var kind in kinds)
        {
            _kinds.Add(kind, (_, _) => Task.CompletedTask);
        }

        return this;
    }

    /// <exception cref="InvalidDataException">It is not known what the item is: an export without it would not be complete.</exception>
    public Task ExportAsync(StoredItem item, RowSink rows) => _kinds.TryGetValue(item.Parts[0], out var rowsOfAsync)
        ? rowsOfAsync(item, rows)
        : throw new InvalidDataException($"Items of the kind '{item.Parts[0]}' cannot be exported by this version.");

    private static string KindOf(string partition) => partition.Split(KeyText.Separator)[0];
}
