using Qrie.Domain.Scans;

namespace Qrie.Domain.Dashboard;

/// <summary>The maximum age of the last complete scans before data counts as drifted.</summary>
/// <param name="InventoryMaxAge">Of the last anti-entropy inventory of everything.</param>
/// <param name="PolicyScanMaxAge">Of the last anti-entropy policy scan over everything.</param>
public sealed record DriftLimits(TimeSpan InventoryMaxAge, TimeSpan PolicyScanMaxAge);

/// <summary>The last complete anti-entropy scan of a kind, and whether it is too old.</summary>
/// <param name="Scan">Null if there was none.</param>
/// <param name="Age">Since it ended; null if there was none.</param>
/// <param name="IsTooOld">Strictly older than the limit. Without a scan there is no drift.</param>
public sealed record ScanAge(Scan? Scan, TimeSpan? Age, TimeSpan Limit, bool IsTooOld)
{
    public static ScanAge Of(Scan? scan, DateTimeOffset now, TimeSpan limit)
    {
        var age = now - scan?.FinishedAt;
        return new ScanAge(scan, age, limit, age > limit);
    }
}
