using System.ComponentModel.DataAnnotations;
using Qrie.Domain.Scans;

namespace Qrie.Api.Hosting;

internal sealed class ScanOptions
{
    public const string Section = "Scans";

    /// <summary>An interrupted scan without a heartbeat for this long fails, and so does a unit without progress.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Units that run concurrently.</summary>
    [Range(1, 64)]
    public int Concurrency { get; set; } = 4;

    /// <summary>The maximum of these per account and kind, so that a large one does not occupy every worker.</summary>
    [Range(1, 64)]
    public int ConcurrencyPerAccount { get; set; } = 3;

    /// <summary>Units of inventories that run concurrently in addition: they mostly wait for AWS.</summary>
    [Range(0, 256)]
    public int InventoryConcurrency { get; set; } = 16;

    /// <summary>The maximum of these per account.</summary>
    [Range(1, 64)]
    public int InventoryConcurrencyPerAccount { get; set; } = 8;

    public ScanLimits ToLimits() => new()
    {
        PerAccount = ConcurrencyPerAccount,
        InventoriesPerAccount = InventoryConcurrencyPerAccount,
        StuckAfter = StuckAfter,
    };
}
