using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;

namespace Qrie.Domain.Dashboard;

/// <summary>
/// Reads counts that are maintained with every write, so that the cost does not depend on the number of findings and resources. Excludes removed accounts.
/// </summary>
public interface ISummaryStore
{
    /// <param name="accountId">Null for all accounts.</param>
    Task<IReadOnlyList<FindingCount>> CountFindingsAsync(string organization, string? accountId, CancellationToken cancel);

    /// <summary>Resources and findings of the same accounts, as of one moment.</summary>
    /// <param name="accountId">Null for all accounts.</param>
    Task<ResourceCounts> CountResourcesAsync(string organization, string? accountId, CancellationToken cancel);

    /// <summary>Pairs of a resource and an active policy by their verdict, current ones only; verdicts without pairs are missing.</summary>
    /// <param name="accountId">Null for all accounts.</param>
    Task<IReadOnlyDictionary<Verdict, long>> CountVerdictsAsync(string organization, string? accountId, CancellationToken cancel);

    /// <summary>The content of the dashboard, as of one moment.</summary>
    /// <param name="since">Changes of weeks that began before this day are omitted.</param>
    /// <param name="month">Its first day; resolutions of earlier months are not read.</param>
    Task<DashboardCounts> ReadDashboardAsync(string organization, DateOnly since, DateOnly month, CancellationToken cancel);

    /// <summary>The findings of one policy, as of one moment.</summary>
    /// <param name="since">Changes of weeks that began before this day are omitted.</param>
    Task<PolicyHistory> ReadPolicyHistoryAsync(string organization, string policyId, DateOnly since, CancellationToken cancel);

    /// <summary>Overdue findings, and resolutions since a day, by severity.</summary>
    Task<IReadOnlyList<TriageCounts>> CountTriageAsync(string organization, OverdueFilter overdue, DateOnly since, CancellationToken cancel);

    /// <summary>The severity of the first finding of each policy; policies without findings are missing.</summary>
    Task<IReadOnlyDictionary<string, int>> FindFirstSeveritiesAsync(string organization, IReadOnlyCollection<string> policyIds, CancellationToken cancel);
}

/// <summary>The number of findings of a policy.</summary>
public sealed record FindingCount(string PolicyId, SeverityBand Band, FindingState State, long N);

/// <summary>The number of resources of a service.</summary>
/// <param name="Alive">Without deleted ones.</param>
/// <param name="NonCompliant">Resources with at least one ACTIVE finding.</param>
public sealed record ServiceCount(string Service, long Alive, long NonCompliant);

/// <param name="Services">Ordered by service.</param>
/// <param name="Accounts">Accounts that have resources.</param>
public sealed record ResourceCounts(IReadOnlyList<ServiceCount> Services, int Accounts, IReadOnlyList<FindingCount> Findings);

/// <param name="Changes">Of findings, by week; resolutions by month.</param>
/// <param name="LastInventory">The last complete anti-entropy inventory of everything; null if there was none.</param>
/// <param name="LastPolicyScan">The last complete anti-entropy policy scan over everything; null if there was none.</param>
/// <param name="NotInventoried">Active accounts without an inventory, by id.</param>
public sealed record DashboardCounts(
    ResourceCounts Resources, IReadOnlyList<PeriodCount> Changes, PolicyCounts Policies,
    Scan? LastInventory, Scan? LastPolicyScan, IReadOnlyList<string> NotInventoried);

/// <param name="Total">Findings now, in any state.</param>
/// <param name="Open">Those that are ACTIVE.</param>
/// <param name="Changes">By week; without resolutions by month.</param>
public sealed record PolicyHistory(long Total, long Open, IReadOnlyList<PeriodCount> Changes);

/// <param name="Active">Launched and not suspended.</param>
/// <param name="LaunchedThisMonth">Active policies launched in the given month or later.</param>
public sealed record PolicyCounts(int Active, int LaunchedThisMonth);
