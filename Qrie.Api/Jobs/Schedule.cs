using Qrie.Api.Hosting;
using Qrie.Domain.Scans;
using Quartz;

namespace Qrie.Api.Jobs;

/// <summary>The schedule of one scan kind.</summary>
/// <param name="Cron">A Quartz cron expression in UTC; null if scans are not scheduled.</param>
/// <param name="Level">Of policy scans; null for scans by all policies on what is stored.</param>
internal sealed record Schedule(ScanKind Kind, string? Cron, ScanLevel? Level = null)
{
    public const string Off = "off";

    private const string Example = "0 0 4 * * ?";

    /// <summary>Full scans that start more often would only wait for each other.</summary>
    private static readonly TimeSpan _shortest = TimeSpan.FromMinutes(15);

    /// <summary>How many fire times are examined to find the shortest interval.</summary>
    private const int LookAhead = 100;

    /// <summary>How many fire times are examined to find the last one, because a schedule of every second has too many.</summary>
    private const int LookAtMost = 100_000;

    /// <exception cref="StartRefusedException">The cron expression is invalid.</exception>
    public static Schedule Read(IConfiguration configuration, ScanKind kind, string key, string standard, DateTimeOffset now)
    {
        var cron = configuration[key] ?? standard;
        if (cron == Off)
        {
            return new Schedule(kind, null);
        }

        CronExpression parsed;
        try
        {
            parsed = Parse(cron);
        }
        catch (FormatException e)
        {
            throw new StartRefusedException(
                $"{key} is '{cron}', which is neither a Quartz cron expression ({e.Message}) nor 'off'. "
                + $"Its fields are seconds, minutes, hours, day, month, weekday: '{Example}' is every day at 04:00 UTC.");
        }

        var mistake = CronReading.FindAmbiguity(cron) ?? (After(parsed, now).Any() ? null : "it has no future fire time; use off to disable scheduled scans");
        return mistake is null ? new Schedule(kind, cron) : throw new StartRefusedException($"{key} is '{cron}': {mistake}.");
    }

    /// <summary>What is wrong with an expression of a user, with the remedy; null if it is valid.</summary>
    public static string? WhatIsWrong(string cron, DateTimeOffset now)
    {
        CronExpression parsed;
        try
        {
            parsed = Parse(cron);
        }
        catch (FormatException e)
        {
            return $"cron '{cron}' is not a Quartz cron expression: {e.Message.TrimEnd('.')}. "
                + $"Its fields are seconds, minutes, hours, day, month, weekday, all in UTC: '{Example}' is every day at 04:00, and off is never.";
        }

        if (CronReading.FindAmbiguity(cron) is { } ambiguity)
        {
            return $"cron '{cron}' is refused: {ambiguity}.";
        }

        var times = After(parsed, now).Take(LookAhead).ToList();
        return times.Count == 0 ? $"cron '{cron}' has no future fire time; use off to disable scheduled scans."
            : times.Zip(times.Skip(1)).Any(pair => pair.Second - pair.First < _shortest)
                ? $"cron '{cron}' fires more often than every {_shortest.TotalMinutes:0} minutes; a scan of everything takes longer."
            : null;
    }

    /// <summary>The next fire time; null if there is none.</summary>
    public DateTimeOffset? Next(DateTimeOffset after) => Cron is null ? null : Parse(Cron).GetNextValidTimeAfter(after);

    /// <summary>The next fire times, soonest first; empty if there are none.</summary>
    public IEnumerable<DateTimeOffset> NextRuns(DateTimeOffset after) => Cron is null ? [] : After(Parse(Cron), after);

    /// <summary>The scheduled time of a job that fired at the given, possibly later, time.</summary>
    public DateTimeOffset Due(DateTimeOffset fired) => Cron is null ? fired : Parse(Cron).GetPreviousValidTimeBefore(fired.AddSeconds(1)) ?? fired;

    /// <summary>The last fire time after the first and not after the second time; null if there is none.</summary>
    public DateTimeOffset? Last(DateTimeOffset after, DateTimeOffset until)
    {
        DateTimeOffset? last = null;
        var next = Next(after);
        for (var i = 0; next <= until && i < LookAtMost; i++)
        {
            last = next;
            next = Next(next.Value);
        }

        return last;
    }

    private static IEnumerable<DateTimeOffset> After(CronExpression parsed, DateTimeOffset time)
    {
        for (var next = parsed.GetNextValidTimeAfter(time); next is not null; next = parsed.GetNextValidTimeAfter(next.Value))
        {
            yield return next.Value;
        }
    }

    private static CronExpression Parse(string cron) => new(cron, TimeZoneInfo.Utc);
}
