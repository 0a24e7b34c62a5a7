using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;

namespace Qrie.Domain.Dashboard;

/// <summary>What is counted per period.</summary>
public enum FindingChange
{
    /// <summary>First seen in the week. Never decremented.</summary>
    New,

    /// <summary>First seen in the week as critical.</summary>
    NewCritical,

    /// <summary>Resolved or suppressed in the week and not open at its end.</summary>
    Closed,

    /// <summary>Open again in the week after it was resolved or suppressed in an earlier one.</summary>
    Reopened,

    /// <summary>Resolved in the month and still resolved: decremented when the finding is no longer resolved.</summary>
    Resolved,
}

/// <summary>A count of a period.</summary>
/// <param name="Period">Its first day: a month's for <see cref="FindingChange.Resolved"/>, otherwise a week's.</param>
public sealed record PeriodCount(FindingChange Change, DateOnly Period, long N);

/// <summary>
/// The changes of the history caused by one write of a finding. Past weeks never change. Invariant: open findings = new - closed + reopened.
/// findings are those that were new, less the closed, plus the reopened ones.
/// </summary>
public static class FindingHistory
{
    /// <param name="before">The stored finding; null if there is none.</param>
    /// <param name="now">The time of the change.</param>
    public static IEnumerable<PeriodCount> Of(Finding? before, Finding after, DateTimeOffset now)
    {
        if (before is null)
        {
            yield return new PeriodCount(FindingChange.New, Periods.WeekOf(now), +1);
            if (Severities.BandOf(after.Severity) == SeverityBand.Critical)
            {
                yield return new PeriodCount(FindingChange.NewCritical, Periods.WeekOf(now), +1);
            }
        }

        // What was suppressed from the beginning was open and closed at once.
        if (before is null or { State: FindingState.Active } && FindingLifeCycle.LeftOpenAt(after) is { } left)
        {
            yield return new PeriodCount(FindingChange.Closed, Periods.WeekOf(left), +1);
        }
        else if (before is not null && after.State == FindingState.Active && FindingLifeCycle.LeftOpenAt(before) is { } closed)
        {
            // Within one week it counts as if it had not been closed.
            var week = Periods.WeekOf(now);
            yield return week == Periods.WeekOf(closed) ? new PeriodCount(FindingChange.Closed, week, -1) : new PeriodCount(FindingChange.Reopened, week, +1);
        }

        if (before?.State != FindingState.Resolved && after is { State: FindingState.Resolved, ResolvedAt: { } at })
        {
            yield return new PeriodCount(FindingChange.Resolved, Periods.MonthOf(at), +1);
        }
        else if (before is { State: FindingState.Resolved, ResolvedAt: { } resolved } && after.State != FindingState.Resolved)
        {
            yield return new PeriodCount(FindingChange.Resolved, Periods.MonthOf(resolved), -1);
        }
    }
}
