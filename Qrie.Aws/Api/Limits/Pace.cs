namespace Qrie.Aws.Api.Limits;

/// <summary>Determines when the next call may be sent. Not thread-safe.</summary>
/// <param name="isFull">Whether the burst is available at once, instead of after a pause.</param>
internal sealed class Pace(TimeProvider clock, bool isFull)
{
    // May be in the past: unused capacity is kept, up to the burst.
    private long _nextSlot = isFull ? long.MinValue : clock.GetTimestamp();

    /// <summary>Takes the next slot; returns how long to wait for it.</summary>
    public TimeSpan Take(RequestRate rate)
    {
        var now = clock.GetTimestamp();
        var slot = Math.Max(_nextSlot, now - Ticks(rate.Burst / rate.PerSecond));
        _nextSlot = slot + Ticks(1 / rate.PerSecond);
        return slot <= now ? TimeSpan.Zero : clock.GetElapsedTime(now, slot);
    }

    /// <summary>Drops unused capacity; otherwise a burst would follow.</summary>
    public void Empty(double perSecond) => _nextSlot = Math.Max(_nextSlot, clock.GetTimestamp() + Ticks(1 / perSecond));

    private long Ticks(double seconds) => (long)(seconds * clock.TimestampFrequency);
}
