using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Scans;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Inventory;

/// <summary>Deletes the drift of scans long before a complete inventory.</summary>
internal sealed class OldDrift(DynamoStore store)
{
    /// <summary>How long drift is kept.</summary>
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(90);

    public async Task DeleteAsync(Scan scan, CancellationToken cancel)
    {
        if (scan is not { Kind: ScanKind.Inventory, ScanType: ScanType.AntiEntropy } || !scan.Filter.CoversAll(scan.Kind))
        {
            return;
        }

        // What is twice as old was deleted by an earlier one.
        var old = await store.ListAsync(
            new ItemQuery(StoreTables.State, ScanItems.ListOf(scan.Organization))
            {
                From = KeyText.Descending((scan.CreatedAt - s_kept).AddMilliseconds(-1)),
                To = KeyText.Descending(scan.CreatedAt - (2 * s_kept)) + "~",
                Strong = true,
            },
            cancel);
        foreach (var scanId in old.Select(ScanItems.ScanIdOf))
        {
            foreach (var partition in (string[])[DriftItems.CountsOf(scan.Organization, scanId), DriftItems.SamplesOf(scan.Organization, scanId)])
            {
                var items = await store.ListAsync(new ItemQuery(StoreTables.State, partition) { Strong = true }, cancel);
                await store.Calls.BatchWriteAsync([.. items.Select(item => ItemWrite.Delete(ItemKey.Of(StoreTables.State, item)))], cancel);
            }
        }
    }
}
