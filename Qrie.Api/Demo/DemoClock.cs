namespace Qrie.Api.Demo;

/// <summary>
/// A clock that starts in the past and catches up on request: the demo runs through its history instead of faking it. Its timers run in real time.
/// </summary>
internal sealed class DemoClock(TimeProvider real, TimeSpan behind) : TimeProvider
{
    private long _behind = behind.Ticks;

    /// <summary>May only decrease: time does not run backwards.</summary>
    public TimeSpan Behind
    {
        get => new(Interlocked.Read(ref _behind));
        set => Interlocked.Exchange(
            ref _behind, value.Ticks <= Behind.Ticks ? value.Ticks : throw new ArgumentOutOfRangeException(nameof(value), value, $"It is {Behind} behind."));
    }

    public override TimeZoneInfo LocalTimeZone => real.LocalTimeZone;

    public override long TimestampFrequency => real.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => real.GetUtcNow() - Behind;

    public override long GetTimestamp() => real.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        real.CreateTimer(callback, state, dueTime, period);
}
