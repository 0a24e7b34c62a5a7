using System.ComponentModel.DataAnnotations;
using Qrie.Domain.Events;

namespace Qrie.Api.Hosting;

internal sealed class EventOptions
{
    public const string Section = "Events";

    /// <summary>
    /// The URL of the SQS queue that CloudTrail events arrive in, or its name in Qrie's own account and region. Empty: events are not followed.
    /// </summary>
    public string? QueueUrl { get; set; }

    /// <summary>Batches that are worked on at the same time.</summary>
    [Range(1, 16)]
    public int Pollers { get; set; } = 2;

    /// <summary>How long SQS hides a message from others while it is worked on; extended as long as that takes.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "12:00:00")]
    public TimeSpan Visibility { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>An event is skipped as stale only if it is older by this than what is stored.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan StaleMargin { get; set; } = TimeSpan.FromSeconds(10);

    public EventSettings ToSettings() => new() { StaleMargin = StaleMargin };
}
