using System.ComponentModel.DataAnnotations;

namespace Qrie.Api.Hosting;

internal sealed class ScanOptions
{
    public const string Section = "Scans";

    /// <summary>A scan that was interrupted and had no heartbeat for so long is given up at the next start.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Units that are worked on at the same time.</summary>
    [Range(1, 64)]
    public int Concurrency { get; set; } = 4;
}
