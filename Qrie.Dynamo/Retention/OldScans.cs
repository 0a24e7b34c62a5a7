using Qrie.Domain.Scans;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Scans;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Retention;

/// <summary>Finds and deletes scans on which no others rely.</summary>
internal sealed class OldScans(DynamoStore store)
{
    /// <summary>What belongs to a scan, but for the scan itself.</summary>
    public static IEnumerable<string> PartitionsOf(string organization, string scanId) =>
    [
        ScanItems.UnitsOf(organization, scanId), ScanItems.ProgressOf(organization, scanId), ScanItems.CallsOf(organization, scanId),
        ScanItems.DenialsOf(organization, scanId), ScanItems.InterruptedOf(organization, scanId), DriftItems.CountsOf(organization, scanId),
        DriftItems.SamplesOf(organization, scanId),
    ];

    /// <summary>The oldest one that ended before the given time; null if there is none.</summary>
    public async Task<string?> FindAsync(string organization, DateTimeOffset before, CancellationToken cancel)
    {
        var all = new List<Scan>();
        foreach (var listed in await store.ListAsync(new ItemQuery(StoreTables.State, ScanItems.ListOf(organization)) { Strong = true }, cancel))
        {
            if (await store.FindAsync<ScanRecord>(ScanItems.KeyOf(organization, ScanItems.ScanIdOf(listed)), cancel) is { } record)
            {
                all.Add(record.Scan);
            }
        }

        var needed = all.Where(s => s is { FinishedAt: null, AfterScanId: not null }).Select(s => s.AfterScanId!).ToHashSet(StringComparer.Ordinal);
        foreach (var kind in Enum.GetValues<ScanKind>())
        {
            if ((await store.GetAsync(ScanItems.FullKey(organization, kind), cancel))?.Text("ScanId") is { } full)
            {
                needed.Add(full);
            }
        }

        return all.GroupBy(s => (s.Kind, Json.Of(s.Filter))).SelectMany(same => Superseded([.. same], before)).Where(s => !needed.Contains(s.ScanId))
            .OrderBy(s => s.CreatedAt).ThenBy(s => s.ScanId, StringComparer.Ordinal).FirstOrDefault()?.ScanId;
    }

    public Task DeleteAsync(string organization, string scanId, CancellationToken cancel) => store.WriteAsync(
        async session =>
        {
            var key = ScanItems.KeyOf(organization, scanId);
            if (await session.FindAsync<ScanRecord>(key) is not { Scan: var scan })
            {
                return;
            }

            await session.DeleteAsync(key);
            session.Remove(ScanItems.ListKey(scan));
            session.Remove(ScanItems.HeartbeatKey(organization, scanId));
            if (scan.ScheduledFor is { } scheduled)
            {
                session.Remove(ScanItems.ScheduledKey(organization, scan.Kind, scheduled));
            }
        },
        cancel);

    /// <summary>Of scans of the same kind and filter, those that ended before the given time and are neither the newest, the newest complete, nor the last
    /// scheduled one.</summary>
    private static IEnumerable<Scan> Superseded(List<Scan> same, DateTimeOffset before)
    {
        var last = same.Max(s => s.CreatedAt);
        var complete = same.Where(s => s.Status == ScanStatus.Completed).Select(s => s.CreatedAt).DefaultIfEmpty(DateTimeOffset.MinValue).Max();
        var scheduled = same.Max(s => s.ScheduledFor);
        return same.Where(s => s.FinishedAt < before && s.CreatedAt < last && (s.Status != ScanStatus.Completed || s.CreatedAt < complete)
            && (s.ScheduledFor is null || s.ScheduledFor < scheduled));
    }
}
