using System.Globalization;

namespace Qrie.Api.Jobs;

/// <summary>
/// What people take a cron expression to mean. Quartz 4 accepts some that have two readings: a restricted day of month beside a restricted day of week means
/// either of them there and both in other programs.
/// </summary>
internal static class CronReading
{
    private static readonly string[] _months = CultureInfo.InvariantCulture.DateTimeFormat.MonthNames[..12];

    private static readonly string[] _days = CultureInfo.InvariantCulture.DateTimeFormat.DayNames;

    /// <summary>Why an expression that Quartz accepts is refused, with the remedy; null: it has one reading.</summary>
    public static string? FindAmbiguity(string cron)
    {
        if (cron.StartsWith('@'))
        {
            return "names such as @daily are not accepted; write the fields, '0 0 0 * * ?' for every day at 00:00 UTC";
        }

        if (Fields(cron) is not [_, _, _, var dayOfMonth, _, var dayOfWeek, ..])
        {
            return null;
        }

        return (dayOfMonth, dayOfWeek) switch
        {
            ("?", "?") => "day of month and day of week are both '?', so that no day is named; write '*' for the day of month to mean every day",
            ("?" or "*", "?" or "*") => null,
            ("*", _) => $"'*' as day of month beside the day of week {dayOfWeek} means every day here and every {dayOfWeek} elsewhere; "
                + "write '?' for the day of month",
            (_, "*") => $"'*' as day of week beside the day of month {dayOfMonth} means every day here and day {dayOfMonth} elsewhere; "
                + "write '?' for the day of week",
            ("?", _) or (_, "?") => null,
            _ => $"the day of month {dayOfMonth} and the day of week {dayOfWeek} together mean either here and both elsewhere; "
                + "write '?' for one of them",
        };
    }

    /// <summary>A valid expression in words: <c>every day at 04:00 UTC</c>.</summary>
    public static string Describe(string cron)
    {
        var fields = Fields(cron);
        List<string> parts = [Days(fields[3], fields[5])];
        if (fields[4] is not ("*" or "?"))
        {
            parts.Add("in " + Items(fields[4], month => Name(month, _months, first: 1), "month"));
        }

        if (fields is [_, _, _, _, _, _, var year, ..] && year != "*")
        {
            parts.Add("in the years " + Items(year, y => y, "year"));
        }

        return string.Join(' ', [.. parts, Time(fields[0], fields[1], fields[2]), "UTC"]);
    }

    private static string[] Fields(string cron) => cron.ToUpperInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static string Days(string dayOfMonth, string dayOfWeek)
    {
        if (dayOfWeek is not ("*" or "?"))
        {
            return dayOfWeek switch
            {
                [.., 'L'] when dayOfWeek.Length > 1 => $"on the last {Name(dayOfWeek[..^1], _days, first: 1)} of the month",
                _ when dayOfWeek.Split('#') is [var day, var nth] => $"on {Name(day, _days, first: 1)} number {nth} of the month",
                _ => "every " + Items(dayOfWeek, day => Name(day, _days, first: 1), "day"),
            };
        }

        return dayOfMonth switch
        {
            "*" or "?" => "every day",
            "L" => "on the last day of the month",
            "LW" => "on the last weekday of the month",
            ['L', '-', ..] => $"{dayOfMonth[2..]} days before the last day of the month",
            [.., 'W'] => $"on the weekday nearest to day {dayOfMonth[..^1]} of the month",
            _ when dayOfMonth.Contains('/') => "on " + Items(dayOfMonth, day => "day " + day, "day") + " of the month",
            _ => $"on day {Items(dayOfMonth, day => day, "day")} of the month",
        };
    }

    private static string Time(string seconds, string minutes, string hours)
    {
        if (int.TryParse(seconds, out var second) && int.TryParse(minutes, out var minute) && hours.Split(',').All(hour => int.TryParse(hour, out _)))
        {
            var end = second == 0 ? $":{minute:00}" : $":{minute:00}:{second:00}";
            return "at " + And([.. hours.Split(',')
                .Select(hour => int.Parse(hour, CultureInfo.InvariantCulture).ToString("00", CultureInfo.InvariantCulture) + end)]);
        }

        var time = $"at {Unit(minutes, "minute")} of {Unit(hours, "hour")}";
        return seconds == "0" ? time : $"at {Unit(seconds, "second")} {time}";
    }

    private static string Unit(string field, string unit) =>
        field == "*" ? "every " + unit : field.Contains('/') ? Items(field, n => n, unit) : $"{unit} {Items(field, n => n, unit)}";

    private static string Items(string field, Func<string, string> name, string unit) =>
        And([.. field.Split(',').Select(item => item.Split('/') switch
        {
            [var from, var step] => $"every {step} {unit}s from {Range(from is "*" ? "the first" : from, name)}",
            _ => Range(item, name),
        })]);

    private static string Range(string item, Func<string, string> name) =>
        item.Split('-') is [var from, var to] ? $"{name(from)} to {name(to)}" : name(item);

    private static string And(string[] items) => items is [.. var most, var last] && most.Length > 0 ? $"{string.Join(", ", most)} and {last}" : items[0];

    private static string Name(string text, string[] names, int first) =>
        int.TryParse(text, out var number) && number >= first && number - first < names.Length ? names[number - first]
        : Array.Find(names, n => text.Length >= 3 && n.StartsWith(text, StringComparison.OrdinalIgnoreCase)) ?? text;
}
