using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Dashboard;

/// <summary>(Resource, policy) pairs without a verdict for a common reason.</summary>
public sealed record UnknownGroup(string Name, long Pairs)
{
    /// <summary>Largest first. Pairs without a reason are omitted.</summary>
    public static IReadOnlyList<UnknownGroup> By(IEnumerable<VerdictCount> verdicts, Func<VerdictCount, string?> name) =>
    [
        .. verdicts.Where(c => c.Verdict == Verdict.Unknown && name(c) is not null)
            .GroupBy(c => name(c)!)
            .Select(g => new UnknownGroup(g.Key, g.Sum(c => c.Resources)))
            .OrderByDescending(g => g.Pairs)
            .ThenBy(g => g.Name, StringComparer.Ordinal),
    ];
}

/// <summary>Why a list is unreliable.</summary>
public enum StaleReason
{
    /// <summary>The last list was incomplete.</summary>
    Failed,

    /// <summary>The last complete list is too old.</summary>
    TooOld,
}

/// <summary>The list of a type in an account and region that does not reflect the current state.</summary>
public sealed record StaleList(Coverage List, StaleReason Why)
{
    /// <summary>Types that AWS does not offer there are neither success nor failure.</summary>
    public static IEnumerable<StaleList> Among(IEnumerable<Coverage> lists, DateTimeOffset now, TimeSpan maxAge) =>
        from list in lists
        where list.Outcome != ListOutcome.NotAvailable
        let failed = list.Outcome != ListOutcome.Complete
        where failed || now - list.LastSuccessAt > maxAge
        select new StaleList(list, failed ? StaleReason.Failed : StaleReason.TooOld);
}

/// <summary>A configured region of an account that was never read.</summary>
public sealed record NeverScannedRegion(string AccountId, string Region);

/// <summary>Accounts and regions without any inventory: nothing is known about them.</summary>
public static class NeverScanned
{
    public static IEnumerable<string> Accounts(IEnumerable<Account> accounts, IEnumerable<Coverage> lists) =>
        accounts.Select(a => a.AccountId).Except(lists.Select(l => l.AccountId));

    /// <summary>Of accounts that were read at least in part: their configured regions, else those that the last inventory found enabled.</summary>
    public static IEnumerable<NeverScannedRegion> Regions(IEnumerable<Account> accounts, IEnumerable<Coverage> lists, ResourceCatalog catalog)
    {
        var regional = catalog.Services.Where(s => s.Resources.Any(r => r.Scope == ResourceScope.Regional)).Select(s => s.Key).ToList();
        var read = lists.GroupBy(l => l.AccountId, l => l.Region).ToDictionary(g => g.Key, g => g.ToHashSet(StringComparer.Ordinal));
        return
            from account in accounts
            where read.ContainsKey(account.AccountId) && regional.Exists(account.Watches)
            from region in account.Regions ?? account.KnownRegions ?? []
            where !read[account.AccountId].Contains(region)
            orderby account.AccountId, region
            select new NeverScannedRegion(account.AccountId, region);
    }
}
