namespace Qrie.Domain.Dashboard;

/// <summary>The findings of one week, as of its end (contract.md section 2.5).</summary>
/// <param name="WeekStart">Its Monday.</param>
/// <param name="Total">First seen before its end.</param>
/// <param name="Open">Those that were ACTIVE at its end.</param>
/// <param name="New">First seen in it.</param>
/// <param name="Closed">Resolved or suppressed in it and not open at its end.</param>
/// <param name="Reopened">Open again in it after it was resolved or suppressed in an earlier week.</param>
/// <param name="CriticalNew">First seen in it as critical.</param>
/// <param name="IsCurrent">It has not ended.</param>
public sealed record FindingWeek(DateOnly WeekStart, long Total, long Open, long New, long Closed, long Reopened, long CriticalNew, bool IsCurrent)
{
    /// <summary>The weeks that a dashboard shows.</summary>
    public const int Shown = 8;

    /// <summary>The first of the weeks that end with the given one.</summary>
    public static DateOnly FirstOf(DateOnly last) => Periods.AddWeeks(last, 1 - Shown);

    /// <summary>Oldest first: computed backwards from the current counts.</summary>
    /// <param name="total">Findings now.</param>
    /// <param name="open">Active findings now.</param>
    /// <param name="changes">All since the first week shown, including those after the last one.</param>
    /// <param name="last">The last week to show.</param>
    /// <param name="current">The current week.</param>
    public static IReadOnlyList<FindingWeek> Of(long total, long open, IEnumerable<PeriodCount> changes, DateOnly last, DateOnly current)
    {
        var byWeek = changes.Where(c => c.Change != FindingChange.Resolved).ToLookup(c => c.Period);
        foreach (var later in byWeek.Where(week => week.Key > last))
        {
            (total, open) = Before(later, total, open);
        }

        var weeks = new FindingWeek[Shown];
        for (var (i, week) = (Shown - 1, last); i >= 0; i--, week = Periods.AddWeeks(week, -1))
        {
            var of = byWeek[week];
            weeks[i] = new FindingWeek(
                week, total, open, Sum(of, FindingChange.New), Sum(of, FindingChange.Closed),
                Sum(of, FindingChange.Reopened), Sum(of, FindingChange.NewCritical),
                week == current);
            (total, open) = Before(of, total, open);
        }

        return weeks;
    }

    private static (long Total, long Open) Before(IEnumerable<PeriodCount> week, long total, long open)
    {
        var created = Sum(week, FindingChange.New);
        return (total - created, open - created + Sum(week, FindingChange.Closed) - Sum(week, FindingChange.Reopened));
    }

    private static long Sum(IEnumerable<PeriodCount> week, FindingChange change) => week.Where(c => c.Change == change).Sum(c => c.N);
}
