using Qrie.Domain.Scans;

namespace Qrie.Domain.Schedules;

/// <summary>The schedule of a scan kind in an organization.</summary>
/// <param name="Cron">A cron expression; null if scans are not scheduled.</param>
/// <param name="Chosen">True if a user set it, false if it comes from the configuration.</param>
/// <param name="Since">Fire times before this do not count as missed.</param>
/// <param name="Level">Of policy scans; null for standard scans.</param>
public sealed record StoredSchedule(string Organization, ScanKind Kind, string? Cron, bool Chosen, DateTimeOffset Since, ScanLevel? Level = null);

/// <summary>Stores schedules.</summary>
public interface IScheduleStore
{
    Task<IReadOnlyList<StoredSchedule>> ListAsync(CancellationToken cancel);

    Task SaveAsync(StoredSchedule schedule, CancellationToken cancel);

    /// <summary>Stores a schedule of the configuration, unless a user has set another one.</summary>
    Task SaveConfiguredAsync(StoredSchedule schedule, CancellationToken cancel);
}
