using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;

namespace Qrie.Domain.Dashboard;

/// <summary>What is counted of findings by period.</summary>
public enum FindingChange
{
    /// <summary>First seen in the week. Never taken back.</summary>
    New,

    /// <summary>Of these, the ones that were critical when they were first seen.</summary>
    NewCritical,

    /// <summary>Resolved in the week, and still resolved at its end.</summary>
    Closed,

    /// <summary>Open again in the week after a resolution in another one.</summary>
    Reopened,

    /// <summary>Resolved in the month, and resolved now: taken back whenever the finding is reopened.</summary>
    Resolved,
}

/// <summary>How often something happened in a period.</summary>
/// <param name="Period">Its first day: of <see cref="FindingChange.Resolved"/> a month's, of all others a week's.</param>
public sealed record PeriodCount(FindingChange Change, DateOnly Period, long N);

/// <summary>
/// What one write of a finding changes in the history. A week that has ended is never changed by what happens later, so that it stays true; and always: open
/// findings are those that were new, less the closed, plus the reopened ones.
/// </summary>
public static class FindingHistory
{
    /// <param name="before">What was stored; null: nothing.</param>
    /// <param name="now">When the change happened.</param>
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

        if (before?.State != FindingState.Resolved && after is { State: FindingState.Resolved, ResolvedAt: { } at })
        {
            yield return new PeriodCount(FindingChange.Closed, Periods.WeekOf(at), +1);
            yield return new PeriodCount(FindingChange.Resolved, Periods.MonthOf(at), +1);
        }
        else if (before is { State: FindingState.Resolved, ResolvedAt: { } resolved } && after.State == FindingState.Active)
        {
            // Within one week it is as if it had not been closed.
            var week = Periods.WeekOf(now);
            yield return week == Periods.WeekOf(resolved) ? new PeriodCount(FindingChange.Closed, week, -1) : new PeriodCount(FindingChange.Reopened, week, +1);
            yield return new PeriodCount(FindingChange.Resolved, Periods.MonthOf(resolved), -1);
        }
    }
}
