using System.ComponentModel.DataAnnotations;

namespace Qrie.Api.Demo;

internal sealed class DemoOptions
{
    public const string Section = "Demo";

    /// <summary>With <c>--demo-events</c>: the interval between changes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan EventsEvery { get; set; } = TimeSpan.FromSeconds(5);
}
