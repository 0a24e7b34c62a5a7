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

    public EventSettings ToSettings() => new() { StaleMargin = StaleMargin };
}
