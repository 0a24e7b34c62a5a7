using System.ComponentModel.DataAnnotations;
using Qrie.Domain.Events;

namespace Qrie.Api.Hosting;

internal sealed class EventOptions
{
    public const string Section = "Events";

    /// <summary>
    /// The URL of the SQS queue of CloudTrail events, or its name in Qrie's own account and region. If empty, events are not processed.
    /// </summary>
    public string? QueueUrl { get; set; }

    /// <summary>Batches that are processed concurrently.</summary>
    [Range(1, 16)]
    public int Pollers { get; set; } = 2;

    /// <summary>The visibility timeout of messages in progress; extended as needed.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "12:00:00")]
    public TimeSpan Visibility { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>An event is skipped as stale only if it is older than the stored description by this margin.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan StaleMargin { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Resources of one account that events may make Qrie read in an hour; beyond it their types are read as a whole, every ten minutes.</summary>
    [Range(10, 1_000_000)]
    public int ReadsPerHour { get; set; } = 10_000;

    /// <summary>Units (account, region and service) of one account that events may make Qrie read as a whole in an hour.</summary>
    [Range(1, 100_000)]
    public int UnitReadsPerHour { get; set; } = 120;

    public EventSettings ToSettings() => new() { StaleMargin = StaleMargin, ReadsPerHour = ReadsPerHour, UnitReadsPerHour = UnitReadsPerHour };
}
