namespace Qrie.Tests.Support;

/// <summary>The real clock with an offset: timers run in real time.</summary>
public sealed class OffsetClock(TimeSpan offset) : TimeProvider
{
    private long _offset = offset.Ticks;

    /// <summary>The offset from the real time; setting it corresponds to setting a machine's clock.</summary>
    public TimeSpan Offset
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _offset));
        set => Interlocked.Exchange(ref _offset, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
}
