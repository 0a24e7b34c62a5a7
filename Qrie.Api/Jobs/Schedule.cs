using Qrie.Api.Hosting;
using Qrie.Domain.Scans;
using Quartz;

namespace Qrie.Api.Jobs;

/// <summary>When scans of one kind start by themselves.</summary>
/// <param name="Cron">A Quartz cron expression in UTC; null: they do not.</param>
internal sealed record Schedule(ScanKind Kind, string? Cron)
{
    public const string Off = "off";

    private const string Example = "0 0 4 * * ?";

    /// <summary>Scans of everything that begin more often do nothing but wait for each other.</summary>
    private static readonly TimeSpan _shortest = TimeSpan.FromMinutes(15);

    /// <summary>Fire times that are looked at to find the shortest pause.</summary>
    private const int LookAhead = 100;

    /// <summary>Fire times that are looked at to find the last one; a schedule of every second would have no end.</summary>
    private const int LookAtMost = 100_000;

    /// <exception cref="StartRefusedException">A cron expression that Quartz does not understand.</exception>
    public static Schedule Read(IConfiguration configuration, ScanKind kind, string key, string standard)
    {
        var cron = configuration[key] ?? standard;
        if (cron == Off)
        {
            return new Schedule(kind, null);
        }

        try
        {
            _ = Parse(cron);
            return new Schedule(kind, cron);
        }
        catch (FormatException e)
        {
            throw new StartRefusedException(
                $"{key} is '{cron}', which is no Quartz cron expression ({e.Message}) and not 'off'. "
                + $"Its fields are seconds, minutes, hours, day, month, weekday: '{Example}' is every day at 04:00 UTC.");
        }
    }

    /// <summary>What is wrong with an expression that somebody chooses, with the remedy; null: nothing.</summary>
    public static string? WhatIsWrong(string cron, DateTimeOffset now)
    {
        CronExpression parsed;
        try
        {
            parsed = Parse(cron);
        }
        catch (FormatException e)
        {
            return $"cron '{cron}' is no Quartz cron expression: {e.Message.TrimEnd('.')}. "
                + $"Its fields are seconds, minutes, hours, day, month, weekday, all in UTC: '{Example}' is every day at 04:00, and off is never.";
        }

        var times = new List<DateTimeOffset>();
        for (var next = parsed.GetNextValidTimeAfter(now); next is not null && times.Count < LookAhead; next = parsed.GetNextValidTimeAfter(next.Value))
        {
            times.Add(next.Value);
        }

        return times.Count == 0 ? $"cron '{cron}' names no time to come; say off if that is meant."
            : times.Zip(times.Skip(1)).Any(pair => pair.Second - pair.First < _shortest)
                ? $"cron '{cron}' fires more often than every {_shortest.TotalMinutes:0} minutes; a scan of everything takes longer."
            : null;
    }

    /// <summary>Null: never.</summary>
    public DateTimeOffset? Next(DateTimeOffset after) => Cron is null ? null : Parse(Cron).GetNextValidTimeAfter(after);

    /// <summary>The time that was due when something fired, however late that was.</summary>
    public DateTimeOffset Due(DateTimeOffset fired) => Cron is null ? fired : Parse(Cron).GetPreviousValidTimeBefore(fired.AddSeconds(1)) ?? fired;

    /// <summary>The last time after one and not after the other. Null: there is none.</summary>
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

    private static CronExpression Parse(string cron) => new(cron, TimeZoneInfo.Utc);
}
