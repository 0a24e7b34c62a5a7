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
