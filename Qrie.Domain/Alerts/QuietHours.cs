namespace Qrie.Domain.Alerts;

/// <summary>A time of day in which messages are held.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="To">Exclusive; before <paramref name="From"/> if the time ends on the next day; equal for a whole day.</param>
/// <param name="Zone">An IANA name, <c>Europe/Berlin</c>.</param>
/// <param name="Days">The days on which it begins; empty for every day.</param>
public sealed record QuietHours(TimeOnly From, TimeOnly To, string Zone, IReadOnlyList<DayOfWeek> Days)
{
    /// <summary>A week and a day: all days of a week may be quiet.</summary>
    private const int MostDays = 8;

    /// <summary>When messages are sent again; null if it is not quiet now.</summary>
    public DateTimeOffset? EndAt(DateTimeOffset now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(Zone);
        DateTimeOffset? end = null;
        for (var at = now; EndOfPeriod(zone, at) is { } next && next - now < TimeSpan.FromDays(MostDays); at = next)
        {
            end = next; // the next day's period may begin exactly there
        }

        return end;
    }

    private DateTimeOffset? EndOfPeriod(TimeZoneInfo zone, DateTimeOffset at)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);
        foreach (var day in (DateOnly[])[today, today.AddDays(-1)])
        {
            if (Days.Count == 0 || Days.Contains(day.DayOfWeek))
            {
                var (from, to) = (Instant(zone, day, From), Instant(zone, To > From ? day : day.AddDays(1), To));
                if (from <= at && at < to)
                {
                    return to;
                }
            }
        }

        return null;
    }

    /// <summary>A local time that the clocks skip is the moment after the gap; one that they repeat is the later one.</summary>
    private static DateTimeOffset Instant(TimeZoneInfo zone, DateOnly day, TimeOnly time)
    {
        var local = day.ToDateTime(time);
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(1);
        }

        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Min() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset);
    }
}
