namespace Qrie.Tests.Support;

/// <summary>The real clock at another time: timers run as they do.</summary>
public sealed class OffsetClock(TimeSpan offset) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + offset;
}
