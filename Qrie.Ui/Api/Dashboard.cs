namespace Qrie.Ui.Api;

public sealed record DashboardSummary(
    long TotalOpenFindings, long CriticalOpenFindings, long HighOpenFindings, long ResolvedThisMonth, int ActivePolicies, long Resources, int Accounts,
    IReadOnlyList<Week> FindingsWeekly, IReadOnlyList<TopPolicy> TopPolicies, AntiEntropy AntiEntropy, int PoliciesLaunchedThisMonth, long SuppressedFindings,
    long OverdueFindings, IReadOnlyList<SeverityHandling> BySeverity);

public sealed record SeverityHandling(string Severity, long Overdue, long Resolved, double? MeanHoursToResolve);

public sealed record Week(
    DateOnly WeekStart, long TotalFindings, long OpenFindings, long NewFindings, long ClosedFindings, long ReopenedFindings, long CriticalNew, bool IsCurrent);

public sealed record TopPolicy(string PolicyId, long OpenFindings, int Severity);

public sealed record AntiEntropy(
    LastScan LastInventoryScan, LastScan LastPolicyScan, bool DriftDetected, IReadOnlyList<Threshold> Thresholds,
    IReadOnlyList<string> AccountsNotInventoried, Unannounced Unannounced);

public sealed record LastScan(
    string? ScanId, long? TimestampMs, double? AgeHours, long? DurationMs, long ResourcesFound, long ProcessedResources, long FindingsCreated,
    long FindingsClosed)
{
    public DateTimeOffset? At => TimestampMs is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
}

public sealed record Threshold(string Name, double LimitHours, double? AgeHours, bool Fired);

public sealed record Unannounced(
    string? ScanId, long Created, long Changed, long Deleted, IReadOnlyList<AccountDrift> Accounts, IReadOnlyList<DriftSample> Samples)
{
    public long Total => Created + Changed + Deleted;
}

public sealed record AccountDrift(string AccountId, long Created, long Changed, long Deleted);

public sealed record DriftSample(
    string Arn, string AccountService, string Change, string Type, string Region, DateTimeOffset FoundAt, IReadOnlyList<string> Attributes,
    IReadOnlyList<string> LikelyEvents);

public sealed record FindingsSummary(
    long TotalFindings, long OpenFindings, long ResolvedFindings, long CriticalFindings, long HighFindings, long MediumFindings, long LowFindings,
    long SuppressedFindings, IReadOnlyList<PolicyFindings> Policies);

public sealed record PolicyFindings(string Policy, int Severity, long TotalFindings, long OpenFindings, long ResolvedFindings);

public sealed record Health(string Status, string? Version, int? Accounts, string? Progress, IReadOnlyList<string> Warnings);

/// <param name="PercentWithVerdict">Null: nothing was evaluated yet.</param>
public sealed record CoverageTotals(double? PercentWithVerdict, VerdictCounts Verdicts);
