using System.Globalization;
using Qrie.Domain.Management;

namespace Qrie.Api.Hosting;

/// <summary>Reads how long what is past is kept.</summary>
internal static class RetentionOptions
{
    /// <summary>What compliance shows at most.</summary>
    private const int HistoryDays = 1100;

    /// <summary>What scan trends show at most, 104 weeks, and a week.</summary>
    private const int ScanDays = 735;

    /// <summary>Dashboards show eight weeks, and the month of the first of them.</summary>
    private const int LeastDays = 90;

    private const string Off = "off";

    /// <exception cref="StartRefusedException">A duration is invalid.</exception>
    public static RetentionSettings Read(IConfiguration configuration) => new(
        Read(configuration, "Retention:History", TimeSpan.FromDays(HistoryDays)), Read(configuration, "Retention:Audit", null),
        Read(configuration, "Retention:Scans", TimeSpan.FromDays(ScanDays)));

    private static TimeSpan? Read(IConfiguration configuration, string key, TimeSpan? standard)
    {
        var text = configuration[key];
        return string.IsNullOrEmpty(text) ? standard
            : text == Off ? null
            : TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var kept) && kept >= TimeSpan.FromDays(LeastDays) ? kept
            : throw new StartRefusedException(
                $"{key} is '{text}'; it must be {Off}, or a duration of at least {LeastDays} days as days.hours:minutes:seconds, '400.00:00:00'.");
    }
}
