using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints;

internal static class CoverageEndpoints
{
    /// <summary>The maximum rows of each list in the response. Hundreds of accounts have a hundred thousand lists; query one account for fewer.</summary>
    private const int MaxRows = 2000;

    public static void MapCoverage(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/coverage", GetCoverage)
            .Limits(AccountLimit.ByParameter).WithTags("Coverage").WithSummary("What Qrie can and cannot read, with the reasons");

    private static async Task<Ok<CoverageView>> GetCoverage(
        [FromQuery(Name = "account")] string? account, [FromQuery(Name = "account_id")] string? accountId,
        [FromQuery, Description("How many rows of each list at most: 1-2000, default 2000.")] string? limit, ICoverageStore coverage,
        IFindingStore findings, IAccountStore accounts, ICatalog catalog, DriftLimits limits, TimeProvider clock, Caller caller, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var rows = MaxRows;
        errors.Require(
            limit is null || (int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out rows) && rows is >= 1 and <= MaxRows),
            "limit", $"limit must be a whole number from 1 to {MaxRows}");
        errors.ThrowIfAny();
        var only = account ?? accountId;
        var verdicts = await findings.CountVerdictsAsync(caller.Organization, only, cancel);
        var registered = (await accounts.ListAsync(caller.Organization, includeRemoved: false, cancel))
            .Where(a => only is null || a.AccountId == only).ToList();
        var watching = registered.ToDictionary(a => a.AccountId);
        bool IsWatched(string accountId, string service) => !watching.TryGetValue(accountId, out var known) || known.Watches(service);
        var lists = (await coverage.ListAsync(caller.Organization, only, cancel)).Where(l => IsWatched(l.AccountId, l.Service)).ToList();
        var attributes = (await coverage.CountUnknownAttributesAsync(caller.Organization, only, cancel)).Where(a => IsWatched(a.AccountId, a.Service));
        var refused = RefusedRegionView.Whole(lists).SelectMany(region => region).ToHashSet();
        var read = lists.Where(l => !refused.Contains(l)).ToList();
        var cut = new SortedDictionary<string, int>();
        return TypedResults.Ok(new CoverageView(
            PercentDecided(verdicts.Sum(c => c.Resources), verdicts.Where(c => c.Verdict == Verdict.Unknown).Sum(c => c.Resources)),
            Enum.GetValues<Verdict>().ToDictionary(ApiEnumNames.Of, v => verdicts.Where(c => c.Verdict == v).Sum(c => c.Resources)),
            First("unknown_verdicts", verdicts.Where(c => c.Verdict == Verdict.Unknown).OrderByDescending(c => c.Resources)
                .Select(c => new UnknownVerdictView(c.AccountId, c.Service, c.PolicyId, c.Attribute, c.ErrorCode!, c.Resources))),
            UnknownGroupsView.From(verdicts),
            First("unknown_attributes", attributes),
            First("refused_regions", RefusedRegionView.Of(lists)),
            First("stale_lists", StaleList.Among(read, clock.GetUtcNow(), limits.InventoryMaxAge).Select(StaleListView.From)),
            First("lists", read.Select(ListView.From)),
            First("never_scanned_accounts", NeverScanned.Accounts(registered, lists)),
            First("never_scanned_regions", NeverScanned.Regions(registered, lists, catalog.Current)),
            cut));

        IReadOnlyList<T> First<T>(string name, IEnumerable<T> found)
        {
            List<T> all = [.. found];
            if (all.Count <= rows)
            {
                return all;
            }

            cut[name] = all.Count;
            return all[..rows];
        }
    }

    /// <summary>The share of pairs with a verdict; null if nothing was evaluated yet.</summary>
    internal static double? PercentDecided(long all, long unknown) => all == 0 ? null : Math.Round(100.0 * (all - unknown) / all, 2);

    /// <param name="PercentWithVerdict">Of all (resource, policy) pairs; null if nothing was evaluated yet.</param>
    /// <param name="Verdicts">Pairs by verdict.</param>
    /// <param name="UnknownVerdicts">Pairs without a verdict, by reason, most resources first.</param>
    /// <param name="UnknownBy">The totals of these.</param>
    /// <param name="UnknownAttributes">Resources with an attribute that could not be read, by reason.</param>
    /// <param name="RefusedRegions">Regions in which every list failed for the same reason.</param>
    /// <param name="StaleLists">Lists that failed the last time, or were not complete for longer than Drift:InventoryMaxAge; without refused regions.</param>
    /// <param name="Lists">The last list of each type in each account and region, without refused regions.</param>
    /// <param name="NeverScannedAccounts">Registered accounts without an inventory.</param>
    /// <param name="NeverScannedRegions">Regions of the other accounts in which nothing was read yet.</param>
    /// <param name="Cut">The full number of rows of each list that is cut to <c>limit</c>, at most 2,000: query one account to see all of its rows.</param>
    internal sealed record CoverageView(
        double? PercentWithVerdict, IReadOnlyDictionary<string, long> Verdicts, IReadOnlyList<UnknownVerdictView> UnknownVerdicts,
        UnknownGroupsView UnknownBy, IReadOnlyList<UnknownAttributeCount> UnknownAttributes, IReadOnlyList<RefusedRegionView> RefusedRegions,
        IReadOnlyList<StaleListView> StaleLists, IReadOnlyList<ListView> Lists, IReadOnlyList<string> NeverScannedAccounts,
        IReadOnlyList<NeverScannedRegion> NeverScannedRegions, IReadOnlyDictionary<string, int> Cut);

    internal sealed record UnknownVerdictView(string AccountId, string Service, string PolicyId, string? Attribute, string ErrorCode, long Resources);

    /// <summary>(Resource, policy) pairs without a verdict, each group largest first. Not every reason concerns an attribute.</summary>
    internal sealed record UnknownGroupsView(
        IReadOnlyList<UnknownGroup> Reason, IReadOnlyList<UnknownGroup> Attribute, IReadOnlyList<UnknownGroup> Account, IReadOnlyList<UnknownGroup> Service)
    {
        public static UnknownGroupsView From(IReadOnlyList<VerdictCount> verdicts) => new(
            UnknownGroup.By(verdicts, c => c.ErrorCode), UnknownGroup.By(verdicts, c => c.Attribute), UnknownGroup.By(verdicts, c => c.AccountId),
            UnknownGroup.By(verdicts, c => c.Service));
    }

    /// <param name="Why">failed, or too_old.</param>
    internal sealed record StaleListView(
        string AccountId, string Region, string Service, string Type, string Why, string Outcome,
        string? ErrorCode, DateTimeOffset CheckedAt, DateTimeOffset? LastSuccessAt)
    {
        public static StaleListView From(StaleList stale)
        {
            var list = stale.List;
            return new StaleListView(
                list.AccountId, list.Region, list.Service, list.Type, ApiEnumNames.Of(stale.Why),
                ApiEnumNames.Of(list.Outcome), list.ErrorCode, list.CheckedAt, list.LastSuccessAt);
        }
    }

    /// <summary>A denied or disabled region is one entry, not one per type.</summary>
    internal sealed record RefusedRegionView(
        string AccountId, string Region, string Outcome, string? ErrorCode, string? Message, DateTimeOffset CheckedAt, DateTimeOffset? LastSuccessAt, int Types)
    {
        public static IEnumerable<IGrouping<(string, string), Coverage>> Whole(IReadOnlyList<Coverage> lists) => lists
            .GroupBy(l => (l.AccountId, l.Region))
            .Where(region => region.Count() > 1 && region.All(l => l.Outcome != ListOutcome.Complete)
                && region.Select(l => (l.Outcome, l.ErrorCode)).Distinct().Count() == 1);

        public static IEnumerable<RefusedRegionView> Of(IReadOnlyList<Coverage> lists) => Whole(lists).Select(region =>
        {
            var first = region.First();
            return new RefusedRegionView(
                first.AccountId, first.Region, ApiEnumNames.Of(first.Outcome), first.ErrorCode,
                first.Message, region.Max(l => l.CheckedAt), region.Max(l => l.LastSuccessAt),
                region.Count());
        });
    }

    internal sealed record ListView(
        string AccountId, string Region, string Service, string Type, string Outcome, string? ErrorCode, string? Message, DateTimeOffset CheckedAt,
        DateTimeOffset? LastSuccessAt, bool Suspicious, string? ScanId)
    {
        public static ListView From(Coverage c) => new(
            c.AccountId, c.Region, c.Service, c.Type, ApiEnumNames.Of(c.Outcome), c.ErrorCode, c.Message, c.CheckedAt, c.LastSuccessAt, c.Suspicious, c.ScanId);
    }
}
