using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;

namespace Qrie.Api.Endpoints;

/// <summary>How outdated the data may be: a summary in the dashboard, details in <c>/drift</c>.</summary>
/// <param name="DriftDetected">A threshold is exceeded.</param>
/// <param name="Thresholds">The thresholds.</param>
/// <param name="AccountsNotInventoried">Registered accounts without an inventory: nothing is known about them.</param>
/// <param name="Unannounced">Changes found by the last anti-entropy inventory that no event reported.</param>
internal sealed record AntiEntropyView(
    LastInventoryView LastInventoryScan, LastPolicyScanView LastPolicyScan, bool DriftDetected, IReadOnlyList<ThresholdView> Thresholds,
    IEnumerable<string> AccountsNotInventoried, UnannouncedView Unannounced)
{
    /// <summary>The number of accounts listed in the dashboard; <c>/drift</c> lists all.</summary>
    private const int AccountsShown = 20;

    public static async Task<AntiEntropyView> ReadAsync(
        string organization, DashboardCounts counts, IDriftStore drift, DriftAttribution attribution,
        DriftLimits limits, DateTimeOffset now, CancellationToken cancel)
    {
        var inventory = ScanAge.Of(counts.LastInventory, now, limits.InventoryMaxAge);
        var policyScan = ScanAge.Of(counts.LastPolicyScan, now, limits.PolicyScanMaxAge);
        return new AntiEntropyView(
            LastInventoryView.From(inventory), LastPolicyScanView.From(policyScan), inventory.IsTooOld || policyScan.IsTooOld,
            [ThresholdView.From("inventory_age", inventory), ThresholdView.From("policy_scan_age", policyScan)], counts.NotInventoried,
            await UnannouncedView.ReadAsync(organization, drift, attribution, inventory.Scan?.ScanId, AccountsShown, cancel));
    }

    public static double? Hours(TimeSpan? age) => age is { } value ? Math.Round(value.TotalHours, 1, MidpointRounding.AwayFromZero) : null;

    public static long? Duration(Scan? scan) => (long?)(scan?.FinishedAt - (scan?.StartedAt ?? scan?.CreatedAt))?.TotalMilliseconds;
}

/// <param name="TimestampMs">When it ended.</param>
internal sealed record LastInventoryView(string? ScanId, long? TimestampMs, double? AgeHours, long? DurationMs, long ResourcesFound)
{
    public static LastInventoryView From(ScanAge last) => new(
        last.Scan?.ScanId, last.Scan?.FinishedAt?.ToUnixTimeMilliseconds(), AntiEntropyView.Hours(last.Age), AntiEntropyView.Duration(last.Scan),
        last.Scan?.Counters[ScanCounters.ResourcesFound] ?? 0);
}

/// <param name="TimestampMs">When it ended.</param>
internal sealed record LastPolicyScanView(
    string? ScanId, long? TimestampMs, double? AgeHours, long? DurationMs, long ProcessedResources, long FindingsCreated, long FindingsClosed)
{
    public static LastPolicyScanView From(ScanAge last) => new(
        last.Scan?.ScanId, last.Scan?.FinishedAt?.ToUnixTimeMilliseconds(), AntiEntropyView.Hours(last.Age), AntiEntropyView.Duration(last.Scan),
        last.Scan?.Counters[ScanCounters.ProcessedResources] ?? 0, last.Scan?.Counters[ScanCounters.FindingsCreated] ?? 0,
        last.Scan?.Counters[ScanCounters.FindingsClosed] ?? 0);
}

/// <param name="Name">inventory_age or policy_scan_age.</param>
/// <param name="LimitHours">From Drift:InventoryMaxAge or Drift:PolicyScanMaxAge.</param>
/// <param name="AgeHours">Null if no such scan was ever completed, which is not drift.</param>
/// <param name="Fired">The age exceeds the limit.</param>
internal sealed record ThresholdView(string Name, double LimitHours, double? AgeHours, bool Fired)
{
    public static ThresholdView From(string name, ScanAge age) =>
        new(name, AntiEntropyView.Hours(age.Limit)!.Value, AntiEntropyView.Hours(age.Age), age.IsTooOld);
}

/// <param name="ScanId">The scan that found them; null if there was none.</param>
/// <param name="Accounts">By account, largest first; the dashboard has only the first.</param>
/// <param name="Samples">The first resources found, at most 20.</param>
internal sealed record UnannouncedView(
    string? ScanId, long Created, long Changed, long Deleted, IEnumerable<AccountDrift> Accounts, IEnumerable<DriftSampleView> Samples)
{
    public static async Task<UnannouncedView> ReadAsync(
        string organization, IDriftStore drift, DriftAttribution attribution, string? scanId, int accountsShown, CancellationToken cancel)
    {
        if (scanId is null)
        {
            return new UnannouncedView(null, 0, 0, 0, [], []);
        }

        var accounts = await drift.CountByAccountAsync(organization, scanId, cancel);
        var samples = accounts.Count == 0 ? [] : await drift.ListSamplesAsync(organization, scanId, null, cancel);
        return new UnannouncedView(
            scanId, accounts.Sum(a => a.Created), accounts.Sum(a => a.Changed), accounts.Sum(a => a.Deleted), accounts.Take(accountsShown),
            samples.Select(s => DriftSampleView.From(s, attribution)));
    }
}

/// <param name="Change">created, changed or deleted.</param>
/// <param name="Attributes">The changed attributes.</param>
/// <param name="LikelyEvents">Events of which one should have reported it: is there a rule for them?</param>
internal sealed record DriftSampleView(
    string Arn, string AccountService, string Change, string Type, string Region,
    DateTimeOffset FoundAt, IReadOnlyList<string> Attributes, IReadOnlyList<string> LikelyEvents)
{
    public static DriftSampleView From(DriftSample sample, DriftAttribution attribution) =>
        new(sample.Arn, sample.AccountService, ApiEnumNames.Of(sample.Change), sample.Type, sample.Region, sample.FoundAt, sample.Attributes,
            attribution.Of(sample));
}
