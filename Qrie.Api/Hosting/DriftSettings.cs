using System.Globalization;
using Qrie.Domain.Dashboard;

namespace Qrie.Api.Hosting;

internal static class DriftSettings
{
    private static readonly TimeSpan InventoryDefault = TimeSpan.FromDays(8);
    private static readonly TimeSpan PolicyScanDefault = TimeSpan.FromHours(26);

    /// <exception cref="StartRefusedException">A duration is invalid.</exception>
    public static DriftLimits Read(IConfiguration configuration) => new(
        Read(configuration, "Drift:InventoryMaxAge", InventoryDefault), Read(configuration, "Drift:PolicyScanMaxAge", PolicyScanDefault));

    private static TimeSpan Read(IConfiguration configuration, string key, TimeSpan standard)
    {
        var text = configuration[key];
        if (string.IsNullOrEmpty(text))
        {
            return standard;
        }

        // An exact format, because 26:00:00 would be read as 26 days.
        return TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var age) && age > TimeSpan.Zero
            ? age
            : throw new StartRefusedException(
                $"{key} is '{text}'; it must be a duration above zero as days.hours:minutes:seconds, '8.00:00:00' or '1.02:00:00'.");
    }
}
