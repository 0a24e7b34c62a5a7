using System.Globalization;
using Qrie.Domain.Alerts;

namespace Qrie.Tests.Alerts;

public sealed class QuietHoursTests
{
    [Theory]
    [InlineData("22:00", "07:00", "UTC", "", "2026-11-21T21:59:59Z", null)]
    [InlineData("22:00", "07:00", "UTC", "", "2026-11-21T22:00:00Z", "2026-11-22T07:00:00Z")]
    [InlineData("22:00", "07:00", "UTC", "", "2026-11-22T06:59:59Z", "2026-11-22T07:00:00Z")]
    [InlineData("22:00", "07:00", "UTC", "", "2026-11-22T07:00:00Z", null)]
    [InlineData("12:00", "13:00", "Europe/Berlin", "", "2026-11-21T11:30:00Z", "2026-11-21T12:00:00Z")]
    [InlineData("12:00", "13:00", "America/New_York", "", "2026-11-21T11:30:00Z", null)]
    // Saturday is the 21st: a night belongs to the day on which it begins.
    [InlineData("22:00", "07:00", "UTC", "sat", "2026-11-22T03:00:00Z", "2026-11-22T07:00:00Z")]
    [InlineData("22:00", "07:00", "UTC", "sat", "2026-11-22T23:00:00Z", null)]
    [InlineData("22:00", "07:00", "UTC", "sun", "2026-11-22T03:00:00Z", null)]
    // A whole weekend, and every day of the week.
    [InlineData("00:00", "00:00", "UTC", "sat sun", "2026-11-21T10:00:00Z", "2026-11-23T00:00:00Z")]
    [InlineData("00:00", "00:00", "UTC", "", "2026-11-21T10:00:00Z", "2026-11-29T00:00:00Z")]
    // The clocks are set forward at 02:00 on March 29 and back at 03:00 on October 25: 02:30 is skipped once, and occurs twice.
    [InlineData("01:00", "02:30", "Europe/Berlin", "", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z")]
    [InlineData("01:00", "02:30", "Europe/Berlin", "", "2026-10-25T00:45:00Z", "2026-10-25T01:30:00Z")]
    [InlineData("23:00", "04:00", "Europe/Berlin", "", "2026-10-24T22:00:00Z", "2026-10-25T03:00:00Z")]
    public void Messages_are_held_until_the_end(string from, string to, string zone, string days, string now, string? expected)
    {
        var quiet = new QuietHours(
            TimeOnly.Parse(from, CultureInfo.InvariantCulture), TimeOnly.Parse(to, CultureInfo.InvariantCulture), zone,
            [.. Enum.GetValues<DayOfWeek>().Where(day => days.Contains(QuietHoursSettings.NameOf(day)))]);

        quiet.EndAt(At(now)).ShouldBe(expected is null ? null : At(expected));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
