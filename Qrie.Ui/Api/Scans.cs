namespace Qrie.Ui.Api;

public sealed record ScanPage(IReadOnlyList<Scan> Scans, string? NextToken);

public record Scan(
    string ScanId, string Kind, string ScanType, string Trigger, string Status, string? AccountId, string Service, string? PolicyId, string? AfterScanId,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, long? DurationMs, UnitCounts Units,
    IReadOnlyDictionary<string, long> Counters, IReadOnlyList<ScanError> Errors)
{
    public long Count(string counter) => Counters.GetValueOrDefault(counter);
}

public sealed record UnitCounts(int Total, int Remaining, int Failed)
{
    public int Done => Total - Remaining;
}

public sealed record ScanError(string? AccountId, string? Region, string? Service, string? Type, string Code, string? Message, long Count);

public sealed record Started(string ScanId, string Status);

public sealed record ScanDetail(
    string ScanId, string Kind, string ScanType, string Trigger, string Status, string? AccountId, string Service, string? PolicyId, string? AfterScanId,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, long? DurationMs, UnitCounts Units,
    IReadOnlyDictionary<string, long> Counters, IReadOnlyList<ScanError> Errors, IReadOnlyList<ScanProgress> Progress, IReadOnlyList<ScanUnit> UnitList,
    bool MoreUnits)
    : Scan(
        ScanId, Kind, ScanType, Trigger, Status, AccountId, Service, PolicyId, AfterScanId, CreatedAt, StartedAt, FinishedAt, DurationMs, Units, Counters,
        Errors);

public sealed record ScanProgress(
    string AccountId, string Service, IReadOnlyDictionary<string, int> Units, IReadOnlyDictionary<string, long> Counters, int Errors)
{
    public int Total => Units.Values.Sum();

    public int Done => Total - Units.GetValueOrDefault("pending") - Units.GetValueOrDefault("running") - Units.GetValueOrDefault("queued");
}

public sealed record ScanUnit(
    string AccountId, string Region, string Service, string Status, int Attempts, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt,
    IReadOnlyDictionary<string, long> Counters);

public sealed record ScheduleList(IReadOnlyList<Schedule> Schedules);

/// <param name="Level">Of policy scans; null: by all policies on what is stored.</param>
public sealed record Schedule(
    string Kind, string Cron, string? Level, bool Enabled, bool Chosen, string Description, DateTimeOffset? NextRun, DateTimeOffset? LastScheduled);
