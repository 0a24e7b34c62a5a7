namespace Qrie.Tests.Support;

/// <summary>The real clock at another time: timers run as they do.</summary>
public sealed class OffsetClock(TimeSpan offset) : TimeProvider
{
    private long _offset = offset.Ticks;

    /// <summary>How far from the real time; setting it is what an administrator does to a machine's clock.</summary>
    public TimeSpan Offset
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _offset));
        set => Interlocked.Exchange(ref _offset, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
}
