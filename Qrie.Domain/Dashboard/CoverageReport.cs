using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Dashboard;

/// <summary>(Resource, policy) pairs without a verdict that have something in common.</summary>
public sealed record UnknownGroup(string Name, long Pairs)
{
    /// <summary>Largest first. Pairs without a name are left out.</summary>
    public static IReadOnlyList<UnknownGroup> By(IEnumerable<VerdictCount> verdicts, Func<VerdictCount, string?> name) =>
    [
        .. verdicts.Where(c => c.Verdict == Verdict.Unknown && name(c) is not null)
            .GroupBy(c => name(c)!)
            .Select(g => new UnknownGroup(g.Key, g.Sum(c => c.Resources)))
            .OrderByDescending(g => g.Pairs)
            .ThenBy(g => g.Name, StringComparer.Ordinal),
    ];
}

/// <summary>Why a list cannot be relied on.</summary>
public enum StaleReason
{
    /// <summary>It could not be read to its end the last time.</summary>
    Failed,

    /// <summary>It was read to its end, too long ago.</summary>
    TooOld,
}

/// <summary>The list of a type in an account and region that does not say how things are now.</summary>
public sealed record StaleList(Coverage List, StaleReason Why)
{
    /// <summary>What AWS does not offer there is neither success nor failure.</summary>
    public static IEnumerable<StaleList> Among(IEnumerable<Coverage> lists, DateTimeOffset now, TimeSpan maxAge) =>
        from list in lists
        where list.Outcome != ListOutcome.NotAvailable
        let failed = list.Outcome != ListOutcome.Complete
        where failed || now - list.LastSuccessAt > maxAge
        select new StaleList(list, failed ? StaleReason.Failed : StaleReason.TooOld);
}

/// <summary>A region that an account is to be read in, and never was.</summary>
public sealed record NeverScannedRegion(string AccountId, string Region);

/// <summary>What no inventory has looked at: nothing at all is known about it.</summary>
public static class NeverScanned
{
    public static IEnumerable<string> Accounts(IEnumerable<Account> accounts, IEnumerable<Coverage> lists) =>
        accounts.Select(a => a.AccountId).Except(lists.Select(l => l.AccountId));

    /// <summary>Of accounts that were read at least in part: the regions they are given, else those that the last inventory found enabled.</summary>
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
