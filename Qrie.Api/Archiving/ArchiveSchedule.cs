using System.Globalization;
using Qrie.Api.Hosting;

namespace Qrie.Api.Archiving;

/// <summary>When findings are archived without being asked for (<c>Archive:Every</c>).</summary>
/// <param name="Every">Null: only before a purge and on request.</param>
internal sealed record ArchiveSchedule(TimeSpan? Every)
{
    /// <exception cref="StartRefusedException">The value is invalid.</exception>
    public static ArchiveSchedule Read(IConfiguration configuration)
    {
        if (configuration["Archive:Every"] is not { Length: > 0 } text)
        {
            return new ArchiveSchedule((TimeSpan?)null);
        }

        return TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var every) && every >= TimeSpan.FromHours(1)
            ? new ArchiveSchedule(every)
            : throw new StartRefusedException(
                $"Archive:Every is '{text}'; it must be a duration of at least an hour as days.hours:minutes:seconds, '7.00:00:00'.");
    }
}
