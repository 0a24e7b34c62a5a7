using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Scans;

namespace Qrie.Domain.Dashboard;

/// <summary>
/// Reads the counts that are kept with every write: what an answer costs does not depend on how many findings and resources
/// there are. Removed accounts are left out.
/// </summary>
public interface ISummaryStore
{
    /// <param name="accountId">Null: all accounts.</param>
    Task<IReadOnlyList<FindingCount>> CountFindingsAsync(string organization, string? accountId, CancellationToken cancel);

    /// <summary>Resources, and the findings of the same accounts, at one moment.</summary>
    /// <param name="accountId">Null: all accounts.</param>
    Task<ResourceCounts> CountResourcesAsync(string organization, string? accountId, CancellationToken cancel);

    /// <summary>What a dashboard shows, at one moment.</summary>
    /// <param name="since">The changes of weeks that began before this day are left out.</param>
    /// <param name="month">Its first day; of the resolutions only those in this month and later ones are read.</param>
    Task<DashboardCounts> ReadDashboardAsync(string organization, DateOnly since, DateOnly month, CancellationToken cancel);

    /// <summary>The severity of the first finding of each policy; policies without any are missing.</summary>
    Task<IReadOnlyDictionary<string, int>> FindFirstSeveritiesAsync(string organization, IReadOnlyCollection<string> policyIds, CancellationToken cancel);
}

/// <summary>How many findings of a policy there are.</summary>
public sealed record FindingCount(string PolicyId, SeverityBand Band, FindingState State, long N);

/// <summary>How many resources of a service there are.</summary>
/// <param name="Alive">Without deleted ones.</param>
/// <param name="NonCompliant">Of these, the ones with at least one ACTIVE finding.</param>
public sealed record ServiceCount(string Service, long Alive, long NonCompliant);

/// <param name="Services">Ordered by service.</param>
/// <param name="Accounts">Accounts that have resources.</param>
public sealed record ResourceCounts(IReadOnlyList<ServiceCount> Services, int Accounts, IReadOnlyList<FindingCount> Findings);

/// <param name="Changes">Of findings, by week; resolutions by month.</param>
/// <param name="LastInventory">The last complete anti-entropy inventory of everything; null: there never was one.</param>
/// <param name="LastPolicyScan">The last complete anti-entropy policy scan over everything; null: there never was one.</param>
/// <param name="NotInventoried">Active accounts that no inventory has read yet, by id.</param>
public sealed record DashboardCounts(
    ResourceCounts Resources, IReadOnlyList<PeriodCount> Changes, PolicyCounts Policies,
    Scan? LastInventory, Scan? LastPolicyScan, IReadOnlyList<string> NotInventoried);

/// <param name="Active">Launched and not suspended.</param>
/// <param name="LaunchedThisMonth">Of these, the ones that were launched in the month that was asked for, or later.</param>
public sealed record PolicyCounts(int Active, int LaunchedThisMonth);
