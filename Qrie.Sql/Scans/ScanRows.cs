using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Sql.Database;

namespace Qrie.Sql.Scans;

internal sealed class ScanRow
{
    public string Organization { get; set; } = "";
    public string ScanId { get; set; } = "";
    public string Kind { get; set; } = "";
    public string ScanType { get; set; } = "";
    public string TriggeredBy { get; set; } = "";
    public string Status { get; set; } = "";
    public string Filter { get; set; } = "";
    public long CreatedAt { get; set; }
    public long? StartedAt { get; set; }
    public long? FinishedAt { get; set; }
    public long? ScheduledFor { get; set; }
    public string? AfterScan { get; set; }
    public long TotalUnits { get; set; }
    public long RemainingUnits { get; set; }
    public long FailedUnits { get; set; }
    public string Counters { get; set; } = "";
    public string Errors { get; set; } = "";

    public static ScanRow Of(Scan scan) => new()
    {
        Organization = scan.Organization,
        ScanId = scan.ScanId,
        Kind = Columns.Name(scan.Kind),
        ScanType = Columns.Name(scan.ScanType),
        TriggeredBy = scan.Trigger,
        Status = Columns.Name(scan.Status),
        Filter = Columns.Json(scan.Filter),
        CreatedAt = Columns.Ms(scan.CreatedAt),
        FinishedAt = Columns.Ms(scan.FinishedAt),
        ScheduledFor = Columns.Ms(scan.ScheduledFor),
        AfterScan = scan.AfterScanId,
        TotalUnits = scan.TotalUnits,
        RemainingUnits = scan.RemainingUnits,
        Counters = Columns.Json(scan.Counters.Values),
        Errors = Columns.Json(scan.Errors),
    };

    public Scan ToScan() => new()
    {
        Organization = Organization,
        ScanId = ScanId,
        Kind = Columns.Parse<ScanKind>(Kind),
        ScanType = Columns.Parse<ScanType>(ScanType),
        Trigger = TriggeredBy,
        Status = Columns.Parse<ScanStatus>(Status),
        Filter = Columns.FromJson<ScanFilter>(Filter),
        CreatedAt = Columns.Time(CreatedAt),
        StartedAt = Columns.Time(StartedAt),
        FinishedAt = Columns.Time(FinishedAt),
        ScheduledFor = Columns.Time(ScheduledFor),
        AfterScanId = AfterScan,
        TotalUnits = (int)TotalUnits,
        RemainingUnits = (int)RemainingUnits,
        FailedUnits = (int)FailedUnits,
        Counters = new ScanCounters(Columns.FromJson<Dictionary<string, long>>(Counters)),
        Errors = Columns.FromJson<List<ScanError>>(Errors),
    };
}

internal sealed class UnitRow
{
    public string Organization { get; set; } = "";
    public string ScanId { get; set; } = "";
    public string AccountId { get; set; } = "";
    public string Region { get; set; } = "";
    public string Service { get; set; } = "";
    public string Kind { get; set; } = "";
    public string Status { get; set; } = "";
    public long Epoch { get; set; }
    public long Attempts { get; set; }
    public string? Owner { get; set; }
    public long? LeaseUntil { get; set; }
    public long? StartedAt { get; set; }
    public long? FinishedAt { get; set; }
    public string Counters { get; set; } = "";
    public string Errors { get; set; } = "";
    public string Calls { get; set; } = "";

    public Unit ToUnit() => new()
    {
        Organization = Organization,
        ScanId = ScanId,
        AccountId = AccountId,
        Region = Region,
        Service = Service,
        Kind = Columns.Parse<ScanKind>(Kind),
        Status = Columns.Parse<UnitStatus>(Status),
        Epoch = Epoch,
        Attempts = (int)Attempts,
        Owner = Owner,
        LeaseUntil = Columns.Time(LeaseUntil),
        StartedAt = Columns.Time(StartedAt),
        FinishedAt = Columns.Time(FinishedAt),
        Counters = new ScanCounters(Columns.FromJson<Dictionary<string, long>>(Counters)),
        Errors = Columns.FromJson<List<UnitError>>(Errors),
        Calls = Columns.FromJson<List<CountedCalls>>(Calls),
    };
}
