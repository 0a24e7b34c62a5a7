using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Catalog;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Policies;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints;

/// <summary>
/// Totals from counts that are maintained with every write: a request counts nothing, and the totals are always current.
/// </summary>
internal static class SummaryEndpoints
{
    private const int TopPolicies = 10;

    /// <summary>Today included.</summary>
    private const int ResolutionDays = 90;

    /// <summary>For a policy that is not in the catalog.</summary>
    private const int UnknownSeverity = 50;

    /// <summary>Nothing was counted before this date.</summary>
    private static readonly DateOnly Earliest = new(1970, 1, 1);

    public static void MapSummaries(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/summary").WithTags("Summaries");
        group.MapGet("/findings", GetFindings).Limits(AccountLimit.ByParameter).WithSummary("Findings by state, severity and policy, for one account or all");
        group.MapGet("/resources", GetResources)
            .Limits(AccountLimit.ByParameter).WithSummary("Resources by service, and those with an open finding, for one account or all");
        group.MapGet("/coverage", GetCoverage)
            .Limits(AccountLimit.ByParameter).WithSummary("The share of known verdicts, for one account or all; GET /coverage says why others are unknown");
        routes.MapGet("/policies/{policyId}/trend", GetPolicyTrend).WithTags("Policies").WithSummary("The findings of one policy in the last eight weeks")
            .WithExample(PolicyTrendView.Example).ProducesProblems(404);
        group.MapGet("/dashboard", GetDashboard).WithSummary("Current totals, the last eight weeks, and the age of the data").ProducesProblems(400);
    }

    private static async Task<Ok<FindingsView>> GetFindings(
        [FromQuery(Name = "account")] string? account, [FromQuery(Name = "account_id")] string? accountId, ISummaryStore summaries, ICatalog catalog,
        Caller caller, CancellationToken cancel)
    {
        var summary = new FindingsSummary(await summaries.CountFindingsAsync(caller.Organization, account ?? accountId, cancel));
        var unknown = summary.Policies.Select(p => p.PolicyId).Where(id => catalog.Current.FindPolicy(id) is null).ToList();
        var first = unknown.Count == 0 ? null : await summaries.FindFirstSeveritiesAsync(caller.Organization, unknown, cancel);
        var policies = summary.Policies
            .Select(p => new PolicyFindingsView(
                p.PolicyId,
                catalog.Current.FindPolicy(p.PolicyId)?.Severity ?? first?.GetValueOrDefault(p.PolicyId, UnknownSeverity) ?? UnknownSeverity, p.Total, p.Open,
                p.Resolved, p.Suppressed))
            .OrderByDescending(p => p.Severity)
            .ThenByDescending(p => p.OpenFindings)
            .ThenBy(p => p.Policy, StringComparer.Ordinal);
        return TypedResults.Ok(new FindingsView(
            summary.Total, summary.Open, summary.Resolved, summary.OpenOf(SeverityBand.Critical),
            summary.OpenOf(SeverityBand.High), summary.OpenOf(SeverityBand.Medium),
            summary.OpenOf(SeverityBand.Low), summary.Suppressed, policies));
    }

    private static async Task<Ok<ResourcesView>> GetResources(
        [FromQuery(Name = "account")] string? account, [FromQuery(Name = "account_id")] string? accountId, ISummaryStore summaries, ICatalog catalog,
        Caller caller, CancellationToken cancel)
    {
        var counts = await summaries.CountResourcesAsync(caller.Organization, account ?? accountId, cancel);
        var findings = new FindingsSummary(counts.Findings);
        var services = Supported(counts, catalog).ToList();
        return TypedResults.Ok(new ResourcesView(
            services.Sum(s => s.Alive), counts.Accounts, findings.Total, findings.OpenOf(SeverityBand.Critical), findings.OpenOf(SeverityBand.High),
            services.Select(s => new ServiceView(s.Service, s.Alive, s.NonCompliant))));
    }

    private static async Task<Ok<CoverageTotalsView>> GetCoverage(
        [FromQuery(Name = "account")] string? account, [FromQuery(Name = "account_id")] string? accountId, ISummaryStore summaries, Caller caller,
        CancellationToken cancel)
    {
        var pairs = await summaries.CountVerdictsAsync(caller.Organization, account ?? accountId, cancel);
        return TypedResults.Ok(new CoverageTotalsView(
            CoverageEndpoints.PercentDecided(pairs.Values.Sum(), pairs.GetValueOrDefault(Verdict.Unknown)),
            Enum.GetValues<Verdict>().ToDictionary(ApiEnumNames.Of, v => pairs.GetValueOrDefault(v))));
    }

    private static async Task<Ok<PolicyTrendView>> GetPolicyTrend(
        string policyId, ISummaryStore summaries, ICatalog catalog, TimeProvider clock, Caller caller, CancellationToken cancel)
    {
        var current = Periods.WeekOf(clock.GetUtcNow());
        var history = await summaries.ReadPolicyHistoryAsync(caller.Organization, policyId, FindingWeek.FirstOf(current), cancel);
        if (history.Total == 0 && catalog.Current.FindPolicy(policyId) is null)
        {
            throw new NotFoundException($"Policy {policyId} not found");
        }

        var weeks = FindingWeek.Of(history.Total, history.Open, history.Changes, current, current);
        return TypedResults.Ok(new PolicyTrendView(policyId, weeks.Select(WeekView.From)));
    }

    /// <param name="date">YYYY-MM-DD; its week is the last one returned. Default: today, UTC. Everything else is current.</param>
    private static async Task<Ok<DashboardView>> GetDashboard(
        [FromQuery] string? date, ISummaryStore summaries, IDriftStore drift, DriftAttribution attribution, ICatalog catalog, DriftLimits limits,
        TriageSettings triage, TimeProvider clock, Caller caller, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var (current, month) = (Periods.WeekOf(now), Periods.MonthOf(now));
        var last = Periods.WeekOf(ToDay(date, now));
        var counts = await summaries.ReadDashboardAsync(caller.Organization, FindingWeek.FirstOf(last), month, cancel);
        var findings = new FindingsSummary(counts.Resources.Findings);
        var weeks = FindingWeek.Of(findings.Total, findings.Open, counts.Changes, last, current);
        var today = Periods.DayOf(now);
        var handling = await summaries.CountTriageAsync(
            caller.Organization, new OverdueFilter(triage, today), today.AddDays(1 - ResolutionDays), cancel);
        var top = findings.Policies.Where(p => p.Open > 0)
            .OrderByDescending(p => p.Open)
            .ThenBy(p => p.PolicyId, StringComparer.Ordinal)
            .Take(TopPolicies)
            .Select(p => new TopPolicyView(p.PolicyId, p.Open, catalog.Current.FindPolicy(p.PolicyId)?.Severity ?? UnknownSeverity));
        return TypedResults.Ok(new DashboardView(
            findings.Open, findings.OpenOf(SeverityBand.Critical), findings.OpenOf(SeverityBand.High),
            counts.Changes.Where(c => c.Change == FindingChange.Resolved).Sum(c => c.N),
            counts.Policies.Active, Supported(counts.Resources, catalog).Sum(s => s.Alive),
            counts.Resources.Accounts, weeks.Select(WeekView.From), top,
            await AntiEntropyView.ReadAsync(caller.Organization, counts, drift, attribution, limits, now, cancel),
            counts.Policies.LaunchedThisMonth, findings.Suppressed,
            handling.Sum(h => h.Overdue), handling.Select(SeverityHandlingView.From)));
    }

    /// <summary>Resources of a service that is no longer in the catalog are no longer read.</summary>
    private static IEnumerable<ServiceCount> Supported(ResourceCounts counts, ICatalog catalog) =>
        counts.Services.Where(s => catalog.Current.FindService(s.Service) is not null);

    private static DateOnly ToDay(string? date, DateTimeOffset now)
    {
        var today = Periods.DayOf(now);
        if (date is null)
        {
            return today;
        }

        return !DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? throw InvalidInputException.Of("date", "Invalid date format. Use YYYY-MM-DD")
            : day > today ? today
            : day < Earliest ? Earliest
            : day;
    }

    /// <summary>The counts by severity are those of ACTIVE findings.</summary>
    internal sealed record FindingsView(
        long TotalFindings, long OpenFindings, long ResolvedFindings, long CriticalFindings, long HighFindings, long MediumFindings, long LowFindings,
        long SuppressedFindings, IEnumerable<PolicyFindingsView> Policies);

    /// <param name="Severity">The severity of the policy's definition; if it is not in the catalog, that of its first finding.</param>
    internal sealed record PolicyFindingsView(
        string Policy, int Severity, long TotalFindings, long OpenFindings, long ResolvedFindings, long SuppressedFindings);

    /// <param name="TotalAccounts">Accounts that have resources.</param>
    /// <param name="CriticalFindings">ACTIVE ones.</param>
    /// <param name="HighFindings">ACTIVE ones.</param>
    internal sealed record ResourcesView(
        long TotalResources, int TotalAccounts, long TotalFindings, long CriticalFindings, long HighFindings, IEnumerable<ServiceView> ResourceTypes);

    /// <param name="PercentWithVerdict">Of all (resource, policy) pairs; null if nothing was evaluated yet.</param>
    /// <param name="Verdicts">Pairs by verdict.</param>
    internal sealed record CoverageTotalsView(double? PercentWithVerdict, IReadOnlyDictionary<string, long> Verdicts);

    /// <param name="ResourceType">The service.</param>
    /// <param name="NonCompliant">Resources with at least one ACTIVE finding.</param>
    internal sealed record ServiceView(string ResourceType, long AllResources, long NonCompliant);

    /// <param name="ResolvedThisMonth">Findings resolved since the first of this month and still resolved.</param>
    /// <param name="Accounts">Accounts that have resources.</param>
    /// <param name="SuppressedFindings">Findings that exceptions hold: they are not open.</param>
    /// <param name="OverdueFindings">ACTIVE findings whose due date has passed.</param>
    /// <param name="BySeverity">How findings are handled, the most severe first.</param>
    internal sealed record DashboardView(
        long TotalOpenFindings, long CriticalOpenFindings, long HighOpenFindings, long ResolvedThisMonth, int ActivePolicies, long Resources, int Accounts,
        IEnumerable<WeekView> FindingsWeekly, IEnumerable<TopPolicyView> TopPolicies, AntiEntropyView AntiEntropy, int PoliciesLaunchedThisMonth,
        long SuppressedFindings, long OverdueFindings, IEnumerable<SeverityHandlingView> BySeverity);

    /// <param name="Severity">critical, high, medium or low.</param>
    /// <param name="Overdue">ACTIVE findings whose due date has passed.</param>
    /// <param name="Resolved">Active findings that were resolved in the last 90 days because the resource changed or is gone.</param>
    /// <param name="MeanHoursToResolve">Of those, from opening to resolution; null if there are none.</param>
    internal sealed record SeverityHandlingView(string Severity, long Overdue, long Resolved, double? MeanHoursToResolve)
    {
        public static SeverityHandlingView From(TriageCounts c) =>
            new(ApiEnumNames.Of(c.Band), c.Overdue, c.Resolved, c.Resolved == 0 ? null : Math.Round(c.Seconds / 3600.0 / c.Resolved, 1));
    }

    /// <param name="WeekStart">Its Monday, UTC.</param>
    /// <param name="TotalFindings">First seen before its end.</param>
    /// <param name="OpenFindings">Those that were open at its end.</param>
    /// <param name="NewFindings">First seen in it.</param>
    /// <param name="ClosedFindings">Resolved or suppressed in it and not open at its end.</param>
    /// <param name="ReopenedFindings">Open again in it after it was resolved or suppressed in an earlier week.</param>
    /// <param name="CriticalNew">First seen in it as critical.</param>
    /// <param name="IsCurrent">It has not ended.</param>
    internal sealed record WeekView(
        DateOnly WeekStart, long TotalFindings, long OpenFindings, long NewFindings,
        long ClosedFindings, long ReopenedFindings, long CriticalNew, bool IsCurrent)
    {
        public static WeekView From(FindingWeek week) =>
            new(week.WeekStart, week.Total, week.Open, week.New, week.Closed, week.Reopened, week.CriticalNew, week.IsCurrent);
    }

    /// <param name="Weeks">The oldest first; the last one has not ended.</param>
    internal sealed record PolicyTrendView(string PolicyId, IEnumerable<WeekView> Weeks)
    {
        public const string Example =
            """
            {"policy_id": "S3BucketPublic",
             "weeks": [{"week_start": "2026-11-16", "total_findings": 14, "open_findings": 9, "new_findings": 3, "closed_findings": 2,
                        "reopened_findings": 0, "critical_new": 3, "is_current": false}]}
            """;
    }

    internal sealed record TopPolicyView(string PolicyId, long OpenFindings, int Severity);
}
