using Qrie.Domain.Scans;
using Qrie.Domain.Work;

namespace Qrie.Domain.Dashboard;

/// <summary>The scans of one kind in one week.</summary>
/// <param name="WeekStart">Its Monday, 00:00 UTC.</param>
/// <param name="Scans">Scans that ended in the week, except cancelled ones.</param>
/// <param name="Failed">Scans that failed or had failed units.</param>
/// <param name="AverageDurationMs">Null if none ended.</param>
/// <param name="Counters">The totals.</param>
public sealed record ScanTrend(DateTimeOffset WeekStart, int Scans, int Failed, long? AverageDurationMs, IReadOnlyDictionary<string, long> Counters)
{
    private const int ReadAtOnce = 200;

    /// <summary>The last weeks, oldest first, including the current one.</summary>
    public static async Task<IReadOnlyList<ScanTrend>> ReadAsync(
        IScanStore scans, string organization, ScanKind kind, int weeks, DateTimeOffset now, CancellationToken cancel)
    {
        var thisWeek = WeekOf(now);
        var first = thisWeek.AddDays(-7 * (weeks - 1));
        var ended = new List<Scan>();
        IReadOnlyList<string>? after = null;
        do
        {
            var page = await scans.ListAsync(organization, new PageRequest(ReadAtOnce, after), cancel);
            ended.AddRange(page.Items.Where(s => s.Kind == kind && s.Status != ScanStatus.Cancelled && s.FinishedAt >= first));
            // A scan ends after its creation, and none runs for a week.
            after = page.Items.Count > 0 && page.Items[^1].CreatedAt < first.AddDays(-7) ? null : page.Next;
        }
        while (after is not null);

        var byWeek = ended.ToLookup(s => WeekOf(s.FinishedAt!.Value));
        return [.. Enumerable.Range(0, weeks).Select(i => Of(first.AddDays(7 * i), [.. byWeek[first.AddDays(7 * i)]]))];
    }

    private static ScanTrend Of(DateTimeOffset week, List<Scan> scans)
    {
        var counters = new ScanCounters();
        foreach (var scan in scans)
        {
            counters.Add(scan.Counters);
        }

        var durations = scans.Select(s => (s.FinishedAt!.Value - (s.StartedAt ?? s.CreatedAt)).TotalMilliseconds);
        return new ScanTrend(
            week, scans.Count, scans.Count(s => s.Status != ScanStatus.Completed), scans.Count == 0 ? null : (long)durations.Average(), counters.Values);
    }

    private static DateTimeOffset WeekOf(DateTimeOffset time) => new(Periods.WeekOf(time), TimeOnly.MinValue, TimeSpan.Zero);
}
