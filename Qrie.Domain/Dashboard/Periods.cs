namespace Qrie.Domain.Dashboard;

/// <summary>Counting periods, all in UTC and named by their first day.</summary>
public static class Periods
{
    private const int DaysOfWeek = 7;

    /// <summary>The Monday, 00:00, of the week of a time.</summary>
    public static DateOnly WeekOf(DateTimeOffset time) => WeekOf(DayOf(time));

    public static DateOnly WeekOf(DateOnly day) => day.AddDays(-(((int)day.DayOfWeek + DaysOfWeek - 1) % DaysOfWeek));

    public static DateOnly MonthOf(DateTimeOffset time) => new(time.UtcDateTime.Year, time.UtcDateTime.Month, 1);

    public static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    public static DateOnly AddWeeks(DateOnly week, int weeks) => week.AddDays(DaysOfWeek * weeks);
}
