using Qrie.Domain.Scans;

namespace Qrie.Domain.Schedules;

/// <summary>When scans of an organization start by themselves, as it was seen or decided last.</summary>
/// <param name="Cron">A cron expression; null: they do not.</param>
/// <param name="Chosen">Somebody decided it; else it is what the configuration said.</param>
/// <param name="Since">Fire times before this were never missed.</param>
public sealed record StoredSchedule(string Organization, ScanKind Kind, string? Cron, bool Chosen, DateTimeOffset Since);

/// <summary>Keeps schedules.</summary>
public interface IScheduleStore
{
    Task<IReadOnlyList<StoredSchedule>> ListAsync(CancellationToken cancel);

    Task SaveAsync(StoredSchedule schedule, CancellationToken cancel);
}
