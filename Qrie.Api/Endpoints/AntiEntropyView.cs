using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;

namespace Qrie.Api.Endpoints;

/// <summary>How far what is shown may have drifted away from what is: in the dashboard, and in <c>/drift</c> with its details.</summary>
/// <param name="DriftDetected">A threshold fired.</param>
/// <param name="Thresholds">What fires them.</param>
/// <param name="AccountsNotInventoried">Registered accounts that no inventory has read yet: about them nothing is known.</param>
/// <param name="Unannounced">What the last anti-entropy inventory found that no event had told.</param>
internal sealed record AntiEntropyView(
    LastInventoryView LastInventoryScan, LastPolicyScanView LastPolicyScan, bool DriftDetected, IReadOnlyList<ThresholdView> Thresholds,
    IEnumerable<string> AccountsNotInventoried, UnannouncedView Unannounced)
{
    /// <summary>The accounts that the dashboard names; <c>/drift</c> has all.</summary>
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
/// <param name="AgeHours">Null: no such scan was ever completed, which is no drift.</param>
/// <param name="Fired">The age is above the limit.</param>
internal sealed record ThresholdView(string Name, double LimitHours, double? AgeHours, bool Fired)
{
    public static ThresholdView From(string name, ScanAge age) =>
        new(name, AntiEntropyView.Hours(age.Limit)!.Value, AntiEntropyView.Hours(age.Age), age.IsTooOld);
}

/// <param name="ScanId">Which found it; null: there was none.</param>
/// <param name="Accounts">By account, largest first; the dashboard has the first of them.</param>
/// <param name="Samples">The first resources that were found, at most 20.</param>
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
/// <param name="Attributes">Of a changed one the attributes that differ.</param>
/// <param name="LikelyEvents">Events, one of which should have told of it: is there a rule for them?</param>
internal sealed record DriftSampleView(
    string Arn, string AccountService, string Change, string Type, string Region,
    DateTimeOffset FoundAt, IReadOnlyList<string> Attributes, IReadOnlyList<string> LikelyEvents)
{
    public static DriftSampleView From(DriftSample sample, DriftAttribution attribution) =>
        new(sample.Arn, sample.AccountService, ApiEnumNames.Of(sample.Change), sample.Type, sample.Region, sample.FoundAt, sample.Attributes,
            attribution.Of(sample));
}
