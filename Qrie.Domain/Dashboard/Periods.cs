namespace Qrie.Domain.Dashboard;

/// <summary>The periods that are counted in, all in UTC and named by their first day.</summary>
public static class Periods
{
    private const int DaysOfWeek = 7;

    /// <summary>The Monday at whose 00:00 the week of a time began.</summary>
    public static DateOnly WeekOf(DateTimeOffset time) => WeekOf(DayOf(time));

    public static DateOnly WeekOf(DateOnly day) => day.AddDays(-(((int)day.DayOfWeek + DaysOfWeek - 1) % DaysOfWeek));

    public static DateOnly MonthOf(DateTimeOffset time) => new(time.UtcDateTime.Year, time.UtcDateTime.Month, 1);

    public static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    public static DateOnly AddWeeks(DateOnly week, int weeks) => week.AddDays(DaysOfWeek * weeks);
}
