using System.ComponentModel.DataAnnotations;
using Qrie.Domain.Scans;

namespace Qrie.Api.Hosting;

internal sealed class ScanOptions
{
    public const string Section = "Scans";

    /// <summary>A scan that was interrupted and had no heartbeat for so long is given up, and so is a unit in which nothing happens for so long.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Units that are worked on at the same time.</summary>
    [Range(1, 64)]
    public int Concurrency { get; set; } = 4;

    /// <summary>Of these, at most so many of one account, so that a large one does not hold every worker.</summary>
    [Range(1, 64)]
    public int ConcurrencyPerAccount { get; set; } = 3;

    public ScanLimits ToLimits() => new() { PerAccount = ConcurrencyPerAccount, StuckAfter = StuckAfter };
}
