using System.Globalization;
using Qrie.Domain.Transfer;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Transfer;

/// <summary>
/// Puts the rows of a buffer into empty tables, step by step. Items have the same keys and values whenever they are made of the same rows: after an
/// interruption the last ones are put again, which changes nothing. Until all are stored, no service uses the tables (see <see cref="ImportProgress"/>).
/// </summary>
/// <param name="progress">The rows so far.</param>
internal sealed class DynamoImport(DynamoStore store, ITransferBuffer buffer, IReadOnlyList<ImportStep> steps, Func<long, Task> progress)
{
    private readonly ItemSink _items = new(store.Calls);
    private long _rows;

    public async Task RunAsync(ImportProgress begun, TransferManifest manifest, CancellationToken cancel)
    {
        var first = begun.Step.Length == 0 ? 0 : steps.ToList().FindIndex(step => step.Name == begun.Step);
        if (first < 0)
        {
            throw new TransferException("The import was begun by another version of Qrie: finish it with that one, or name an empty store.");
        }

        var rows = manifest.Tables.ToDictionary(table => table.Name, table => table.Parts.Sum(part => part.Rows));
        await SaveAsync(begun, cancel);
        for (var i = 0; i < steps.Count; i++)
        {
            if (i >= first)
            {
                await RunAsync(steps[i], begun, i == first ? begun.Groups : 0, cancel);
            }

            // Rows of further tables are those of a step of their own, or of none.
            _rows += rows.GetValueOrDefault(steps[i].Name);
            await progress(_rows);
        }

        await store.Calls.BatchWriteAsync([ItemWrite.Delete(ImportProgress.Key)], cancel);
        await progress(manifest.Rows);
    }

    /// <param name="stored">How many groups an earlier attempt has stored.</param>
    private async Task RunAsync(ImportStep step, ImportProgress begun, long stored, CancellationToken cancel)
    {
        var (groups, rows) = (0L, 0L);
        await foreach (var group in step.ReadAsync(buffer, cancel))
        {
            rows += group.Of(step.Name).Count;
            if (groups++ < stored)
            {
                continue;
            }

            // The id names what is made of the group, so that it is named the same when it is made again.
            var session = new WriteSession(store.Calls, cancel, string.Create(CultureInfo.InvariantCulture, $"import-{step.Name}-{groups}"));
            await step.WriteAsync(session, group);
            _items.Add(session.Collect());
            if (_items.IsFull)
            {
                await _items.FlushAsync(cancel);
                await SaveAsync(begun with { Step = step.Name, Groups = groups }, cancel);
                await progress(_rows + rows);
            }
        }

        await _items.FlushAsync(cancel);
        await SaveAsync(begun with { Step = step.Name, Groups = groups }, cancel);
    }

    private Task SaveAsync(ImportProgress now, CancellationToken cancel) =>
        store.Calls.WriteAsync(ItemWrite.Put(ImportProgress.Key, now.ToItem()), cancel);
}
