namespace Qrie.Sql.Replicas;

/// <summary>
/// The clock of the database server, which all replicas share: describe times, leases and schedules of different replicas can be compared, whatever the
/// clocks of their machines say. It is measured periodically; in between, the local monotonic timer is added.
/// </summary>
/// <param name="local">The time until the first measurement, and the timers.</param>
public sealed class ServerClock(TimeProvider local) : TimeProvider
{
    private volatile Measurement? _last;

    public override long TimestampFrequency => local.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => local.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => _last is { } last ? last.At + local.GetElapsedTime(last.Timestamp) : local.GetUtcNow();

    public override long GetTimestamp() => local.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        local.CreateTimer(callback, state, dueTime, period);

    /// <summary>Takes the server's time over, unless the present one may be as correct.</summary>
    /// <param name="server">The time that the server returned.</param>
    /// <param name="asked">The local timestamp before it was asked.</param>
    /// <param name="answered">The local timestamp after its answer: the server read its clock somewhere between.</param>
    public void Measured(DateTimeOffset server, long asked, long answered)
    {
        var uncertainty = local.GetElapsedTime(asked, answered) / 2;
        var measured = new Measurement(server + uncertainty, answered);
        if (_last is not { } last || (measured.At - (last.At + local.GetElapsedTime(last.Timestamp, answered))).Duration() > uncertainty)
        {
            _last = measured;
        }
    }

    /// <param name="Timestamp">The local timestamp at that time.</param>
    private sealed record Measurement(DateTimeOffset At, long Timestamp);
}
