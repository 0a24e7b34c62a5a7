using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Dashboard;

public sealed class FindingWeekTests
{
    private static readonly DateOnly This = new(2026, 11, 16);
    private static readonly DateOnly Last = new(2026, 11, 9);

    [Theory]
    [InlineData("2026-11-16T00:00:00.000Z", "2026-11-16")] // a Monday is the first day of its week
    [InlineData("2026-11-15T23:59:59.999Z", "2026-11-09")]
    [InlineData("2026-11-16T00:30:00.000+01:00", "2026-11-09")] // it is still Sunday in UTC
    [InlineData("2027-01-01T12:00:00.000Z", "2026-12-28")]
    public void Weeks_begin_on_Monday_at_midnight_UTC(string time, string monday) =>
        Periods.WeekOf(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(
            DateOnly.Parse(monday, System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void Eight_weeks_are_listed_oldest_first()
    {
        var weeks = FindingWeek.Of(0, 0, [], This, This);

        weeks.Select(w => w.WeekStart).ShouldBe(Enumerable.Range(0, 8).Select(i => This.AddDays(7 * (i - 7))));
        weeks.Select(w => w.IsCurrent).ShouldBe([.. Enumerable.Repeat(false, 7), true]);
        weeks[0].WeekStart.ShouldBe(FindingWeek.FirstOf(This));
    }

    [Fact]
    public void Past_counts_are_current_counts_without_later_changes()
    {
        var weeks = FindingWeek.Of(
            10, 6,
            [
                new(FindingChange.New, This, 3), new(FindingChange.NewCritical, This, 1),
                new(FindingChange.Closed, This, 2), new(FindingChange.Reopened, Last, 1),
                new(FindingChange.Closed, Last, 4), new(FindingChange.Resolved, new DateOnly(2026, 11, 1), 6),
            ],
            This, This);

        weeks[7].ShouldBe(new FindingWeek(This, 10, 6, 3, 2, 0, 1, true));
        weeks[6].ShouldBe(new FindingWeek(Last, 7, 5, 0, 4, 1, 0, false));
        weeks[5].ShouldBe(new FindingWeek(Last.AddDays(-7), 7, 8, 0, 0, 0, 0, false));
    }

    [Fact]
    public void Counts_of_a_past_day_exclude_later_changes()
    {
        var weeks = FindingWeek.Of(10, 6, [new(FindingChange.New, This, 3), new(FindingChange.Closed, This, 2)], Last, This);

        weeks[7].ShouldBe(new FindingWeek(Last, 7, 5, 0, 0, 0, 0, false));
    }

    [Fact]
    public void A_finding_reopened_in_the_week_of_its_resolution_does_not_count_as_closed()
    {
        var open = FindingLifeCycle.Next(null, Evaluated(0), Some.Fails(), null)!;
        var resolved = FindingLifeCycle.Next(open, Evaluated(10), Some.Passes(), null)!;
        var reopened = FindingLifeCycle.Next(resolved, Evaluated(20), Some.Fails(), null)!;

        FindingHistory.Of(open, resolved, Some.At(10)).Concat(FindingHistory.Of(resolved, reopened, Some.At(20)))
            .GroupBy(c => (c.Change, c.Period)).ShouldAllBe(g => g.Sum(c => c.N) == 0);
    }

    [Fact]
    public void A_finding_reopened_later_stays_closed_in_its_week_but_is_not_resolved_this_month()
    {
        var week = 7 * 24 * 3600;
        var open = FindingLifeCycle.Next(null, Evaluated(0), Some.Fails(), null)!;
        var resolved = FindingLifeCycle.Next(open, Evaluated(10), Some.Passes(), null)!;
        var reopened = FindingLifeCycle.Next(resolved, Evaluated(week), Some.Fails(), null)!;

        FindingHistory.Of(resolved, reopened, Some.At(week)).ShouldBe(
            [new PeriodCount(FindingChange.Reopened, This.AddDays(7), 1), new PeriodCount(FindingChange.Resolved, new DateOnly(2026, 11, 1), -1)]);
    }

    [Fact]
    public void A_change_of_severity_does_not_count_as_opened_or_closed()
    {
        var open = FindingLifeCycle.Next(null, Evaluated(0), Some.Fails(severity: 30), null)!;
        var worse = FindingLifeCycle.Next(open, Evaluated(10), Some.Fails(severity: 95), null)!;

        FindingHistory.Of(null, open, Some.At(0)).Select(c => c.Change).ShouldBe([FindingChange.New]);
        FindingHistory.Of(open, worse, Some.At(10)).ShouldBeEmpty();
    }

    [Fact]
    public void A_finding_closed_when_it_was_suppressed_is_not_closed_again_when_it_is_resolved()
    {
        var week = 7 * 24 * 3600;
        var open = FindingLifeCycle.Next(null, Evaluated(0), Some.Fails(), null)!;
        var suppressed = FindingLifeCycle.Next(open, Evaluated(10), Some.Fails(), null, "exception")!;
        var resolved = FindingLifeCycle.Next(suppressed, Evaluated(week), Some.Passes(), null)!;
        var reopened = FindingLifeCycle.Next(resolved, Evaluated(week + 10), Some.Fails(), null)!;
        var november = new DateOnly(2026, 11, 1);

        FindingHistory.Of(open, suppressed, Some.At(10)).ShouldBe([new PeriodCount(FindingChange.Closed, This, 1)]);
        FindingHistory.Of(suppressed, resolved, Some.At(week)).ShouldBe([new PeriodCount(FindingChange.Resolved, november, 1)]);
        FindingHistory.Of(resolved, reopened, Some.At(week + 10)).ShouldBe(
            [new PeriodCount(FindingChange.Reopened, This.AddDays(7), 1), new PeriodCount(FindingChange.Resolved, november, -1)]);
    }

    [Fact]
    public void A_finding_suppressed_from_the_beginning_is_new_and_closed()
    {
        var suppressed = FindingLifeCycle.Next(null, Evaluated(0), Some.Fails(), null, "exception")!;

        FindingHistory.Of(null, suppressed, Some.At(0)).ShouldBe(
            [new PeriodCount(FindingChange.New, This, 1), new PeriodCount(FindingChange.Closed, This, 1)]);
    }

    private static EvaluatedResource Evaluated(double at) => Some.Evaluated(Some.Bucket(at: at)) with { EvaluatedAt = Some.At(at) };
}
