using Qrie.Domain.Scans;

namespace Qrie.Domain.Dashboard;

/// <summary>How old the last complete scans may be before what is shown may have drifted away from what is.</summary>
/// <param name="InventoryMaxAge">Of the last anti-entropy inventory of everything.</param>
/// <param name="PolicyScanMaxAge">Of the last anti-entropy policy scan over everything.</param>
public sealed record DriftLimits(TimeSpan InventoryMaxAge, TimeSpan PolicyScanMaxAge);

/// <summary>The last complete anti-entropy scan of a kind, and whether it is too long ago.</summary>
/// <param name="Scan">Null: there never was one.</param>
/// <param name="Age">Since it ended; null: there never was one.</param>
/// <param name="IsTooOld">Strictly older than the limit. A scan that there never was is no drift.</param>
public sealed record ScanAge(Scan? Scan, TimeSpan? Age, TimeSpan Limit, bool IsTooOld)
{
    public static ScanAge Of(Scan? scan, DateTimeOffset now, TimeSpan limit)
    {
        var age = now - scan?.FinishedAt;
        return new ScanAge(scan, age, limit, age > limit);
    }
}
