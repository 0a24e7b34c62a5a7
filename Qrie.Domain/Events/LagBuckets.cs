namespace Qrie.Domain.Events;

/// <summary>Latency buckets whose bounds grow by 25 %: percentiles computed from them are accurate to 25 % for any number of events.</summary>
public static class LagBuckets
{
    private const double FirstMs = 10;
    private const double Growth = 1.25;
    private const int Last = 80; // five days

    /// <summary>Where events are counted that say that they happened after their receipt: they have no lag, and no percentile counts them.</summary>
    public const int FromFuture = -1;

    /// <summary>The bucket of a lag; clocks that differ may make it negative, which counts as none.</summary>
    public static int Of(TimeSpan lag) =>
        lag.TotalMilliseconds <= FirstMs ? 0 : Math.Min(Last, (int)Math.Ceiling(Math.Log(lag.TotalMilliseconds / FirstMs, Growth)));

    /// <summary>The upper bound of a bucket.</summary>
    public static TimeSpan EndOf(int bucket) => TimeSpan.FromMilliseconds(FirstMs * Math.Pow(Growth, bucket));

    /// <summary>The latency that the given share of all events does not exceed; null if there are none.</summary>
    /// <param name="counts">Counts by bucket.</param>
    /// <param name="share">0 to 1.</param>
    public static TimeSpan? Percentile(IEnumerable<(int Bucket, long N)> counts, double share)
    {
        var ordered = counts.Where(c => c.Bucket != FromFuture)
            .GroupBy(c => c.Bucket).Select(g => (Bucket: g.Key, N: g.Sum(c => c.N))).OrderBy(c => c.Bucket).ToList();
        var wanted = (long)Math.Ceiling(share * ordered.Sum(c => c.N));
        var seen = 0L;
        foreach (var (bucket, n) in ordered)
        {
            seen += n;
            if (seen >= wanted)
            {
                return EndOf(bucket);
            }
        }

        return null;
    }
}
