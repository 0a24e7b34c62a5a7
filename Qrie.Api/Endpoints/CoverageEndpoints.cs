using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;

namespace Qrie.Api.Endpoints;

internal static class CoverageEndpoints
{
    public static void MapCoverage(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/coverage", GetCoverage).WithTags("Coverage").WithSummary("What Qrie sees, and what it does not, with the reasons");

    private static async Task<Ok<CoverageView>> GetCoverage(
        [FromQuery(Name = "account")] string? account, [FromQuery(Name = "account_id")] string? accountId, ICoverageStore coverage,
        IFindingStore findings, IAccountStore accounts, CancellationToken cancel)
    {
        var only = account ?? accountId;
        var lists = await coverage.ListAsync(Organizations.Default, only, cancel);
        var attributes = await coverage.CountUnknownAttributesAsync(Organizations.Default, only, cancel);
        var verdicts = await findings.CountVerdictsAsync(Organizations.Default, only, cancel);
        var scanned = lists.Select(l => l.AccountId).ToHashSet(StringComparer.Ordinal);
        var never = (await accounts.ListAsync(Organizations.Default, includeRemoved: false, cancel))
            .Select(a => a.AccountId)
            .Where(id => (only is null || id == only) && !scanned.Contains(id));
        return TypedResults.Ok(new CoverageView(
            PercentDecided(verdicts),
            Enum.GetValues<Verdict>().ToDictionary(Words.Of, v => verdicts.Where(c => c.Verdict == v).Sum(c => c.Resources)),
            verdicts.Where(c => c.Verdict == Verdict.Unknown)
                .Select(c => new UnknownVerdictView(c.AccountId, c.Service, c.PolicyId, c.Attribute, c.ErrorCode!, c.Resources)),
            attributes,
            RefusedRegionView.Of(lists),
            lists.Except(RefusedRegionView.Whole(lists).SelectMany(region => region)).Select(ListView.From),
            never));
    }

    /// <summary>Null: nothing was judged yet.</summary>
    private static double? PercentDecided(IReadOnlyList<VerdictCount> verdicts)
    {
        var all = verdicts.Sum(c => c.Resources);
        var decided = verdicts.Where(c => c.Verdict != Verdict.Unknown).Sum(c => c.Resources);
        return all == 0 ? null : Math.Round(100.0 * decided / all, 2);
    }

    /// <param name="PercentWithVerdict">Of all (resource, policy) pairs; null: nothing was judged yet.</param>
    /// <param name="Verdicts">Pairs by verdict.</param>
    /// <param name="UnknownVerdicts">Pairs without a verdict, by reason.</param>
    /// <param name="UnknownAttributes">Resources with an attribute that could not be read, by reason.</param>
    /// <param name="RefusedRegions">Regions in which no list at all could be read, for one and the same reason.</param>
    /// <param name="Lists">How the last list of each type in each account and region ended, without refused regions.</param>
    /// <param name="NeverScannedAccounts">Registered accounts that no inventory has read.</param>
    internal sealed record CoverageView(
        double? PercentWithVerdict, IReadOnlyDictionary<string, long> Verdicts, IEnumerable<UnknownVerdictView> UnknownVerdicts,
        IReadOnlyList<UnknownAttributeCount> UnknownAttributes, IEnumerable<RefusedRegionView> RefusedRegions, IEnumerable<ListView> Lists,
        IEnumerable<string> NeverScannedAccounts);

    internal sealed record UnknownVerdictView(string AccountId, string Service, string PolicyId, string? Attribute, string ErrorCode, long Resources);

    /// <summary>A region that is denied or not enabled is one line, not one for each type.</summary>
    internal sealed record RefusedRegionView(
        string AccountId, string Region, string Outcome, string? ErrorCode, string? Message, DateTimeOffset CheckedAt, DateTimeOffset? LastSuccessAt, int Types)
    {
        public static IEnumerable<IGrouping<(string, string), Coverage>> Whole(IReadOnlyList<Coverage> lists) => lists
            .GroupBy(l => (l.AccountId, l.Region))
            .Where(region => region.Count() > 1 && region.All(l => l.Outcome != ListOutcome.Complete) && region.Select(l => (l.Outcome, l.ErrorCode)).Distinct().Count() == 1);

        public static IEnumerable<RefusedRegionView> Of(IReadOnlyList<Coverage> lists) => Whole(lists).Select(region =>
        {
            var first = region.First();
            return new RefusedRegionView(
                first.AccountId, first.Region, Words.Of(first.Outcome), first.ErrorCode, first.Message, region.Max(l => l.CheckedAt), region.Max(l => l.LastSuccessAt),
                region.Count());
        });
    }

    internal sealed record ListView(
        string AccountId, string Region, string Service, string Type, string Outcome, string? ErrorCode, string? Message, DateTimeOffset CheckedAt,
        DateTimeOffset? LastSuccessAt, bool Suspicious, string? ScanId)
    {
        public static ListView From(Coverage c) => new(
            c.AccountId, c.Region, c.Service, c.Type, Words.Of(c.Outcome), c.ErrorCode, c.Message, c.CheckedAt, c.LastSuccessAt, c.Suspicious, c.ScanId);
    }
}
