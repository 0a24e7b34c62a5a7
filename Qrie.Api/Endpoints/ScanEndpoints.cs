using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Endpoints.Permissions;
using Qrie.Aws.Permissions;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Catalog;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Api.Endpoints;

internal static class ScanEndpoints
{
    /// <summary>Units in the response about one scan; there may be a hundred thousand.</summary>
    private const int UnitsShown = 200;

    private const int WeeksDefault = 8;
    private const int WeeksMax = 104;

    public static void MapScans(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/scans").WithTags("Scans");
        group.MapGet("", ListScans).WithSummary("Scans, newest first").ProducesProblems(400);
        group.MapPost("", StartScan).Writes(Role.Operator, AuditActions.StartScan).WithSummary("Start an inventory or a policy scan").ProducesProblems(400);
        group.MapGet("/trends", GetTrends).WithSummary("The results of scans of one kind, by week").ProducesProblems(400);
        group.MapGet("/{scanId}", GetScan).WithSummary("One scan: progress by account and service, and its first units").ProducesProblems(404);
        group.MapGet("/{scanId}/units", ListUnits).WithSummary("The units of a scan, by account, region, service").ProducesProblems(400, 404);
        group.MapDelete("/{scanId}", CancelScan).Writes(Role.Operator, AuditActions.CancelScan)
            .WithSummary("Cancel a scan; results written so far are kept").ProducesProblems(404, 409);
    }

    private static async Task<Ok<ScanPage>> ListScans(
        [FromQuery(Name = "page_size")] string? pageSize, [FromQuery(Name = "next_token")] string? nextToken, IScanStore scans, PageTokens tokens,
        Caller caller, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var page = await tokens.ReadAsync(caller.Organization, "scans", pageSize, nextToken, errors);
        errors.ThrowIfAny();
        var found = await scans.ListAsync(caller.Organization, page, cancel);
        return TypedResults.Ok(new ScanPage(found.Items.Select(ScanView.From), await tokens.WriteAsync(caller.Organization, "scans", found.Next)));
    }

    private static async Task<Accepted<StartedView>> StartScan(
        JsonBody<StartScanBody> body, ScanCoordinator coordinator, ScanLevels levels, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        if (ToLevel(body.Value) is { } level)
        {
            var leveled = ToLeveled(caller.Organization, level, body.Value);
            var (policies, inventory) = await audit.MakeAsync(
                "", () => levels.StartAsync(leveled, cancel),
                started => new[] { started.Inventory, started.Policies }.OfType<Scan>().Select(s => (s.ScanId, (object?)ScanState.Of(s))), cancel);
            return TypedResults.Accepted(
                $"/scans/{policies!.ScanId}", new StartedView(policies.ScanId, ApiEnumNames.Of(policies.Status), inventory?.ScanId));
        }

        var request = ToRequest(caller.Organization, body.Value);
        // Never null: only scheduled scans may already exist.
        var scan = (await audit.MakeAsync(
            "", () => coordinator.StartAsync(request, cancel), started => [(started!.ScanId, ScanState.Of(started))], cancel))!;
        return TypedResults.Accepted($"/scans/{scan.ScanId}", new StartedView(scan.ScanId, ApiEnumNames.Of(scan.Status)));
    }

    private static async Task<Ok<ScanDetailView>> GetScan(
        string scanId, IScanStore scans, IPolicyStore policies, ICatalog catalog, CatalogPermissions permissions, Caller caller, CancellationToken cancel)
    {
        var scan = await FindAsync(scans, caller.Organization, scanId, cancel);
        var progress = await scans.ReadProgressAsync(caller.Organization, scanId, cancel);
        var units = await scans.ListUnitsAsync(caller.Organization, scanId, new PageRequest(UnitsShown), cancel);
        var used = await ScanPermissionsView.ReadAsync(scan, scans, policies, catalog.Current, permissions, cancel);
        return TypedResults.Ok(ScanDetailView.From(scan, progress, units, used));
    }

    private static async Task<Ok<UnitPage>> ListUnits(
        string scanId, [FromQuery(Name = "page_size")] string? pageSize, [FromQuery(Name = "next_token")] string? nextToken, IScanStore scans,
        PageTokens tokens, Caller caller, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var filter = $"units {scanId}";
        var page = await tokens.ReadAsync(caller.Organization, filter, pageSize, nextToken, errors);
        errors.ThrowIfAny();
        await FindAsync(scans, caller.Organization, scanId, cancel);
        var found = await scans.ListUnitsAsync(caller.Organization, scanId, page, cancel);
        return TypedResults.Ok(new UnitPage(found.Items.Select(UnitView.From), await tokens.WriteAsync(caller.Organization, filter, found.Next)));
    }

    private static async Task<Ok<ScanView>> CancelScan(
        string scanId, ScanCoordinator coordinator, IScanStore scans, RequestAudit audit, Caller caller, CancellationToken cancel) =>
        TypedResults.Ok(ScanView.From(await audit.ChangeAsync(
            scanId, async token => ScanState.Of(await scans.FindAsync(caller.Organization, scanId, token)),
            () => coordinator.CancelAsync(caller.Organization, scanId, cancel), cancel)));

    private static async Task<Ok<TrendsView>> GetTrends(
        [FromQuery] string? kind, [FromQuery] string? weeks, IScanStore scans, TimeProvider clock, Caller caller, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        errors.Require(kind is "inventory" or "policy", "kind", "kind must be inventory or policy");
        var count = WeeksDefault;
        errors.Require(weeks is null || (int.TryParse(weeks, CultureInfo.InvariantCulture, out count) && count is >= 1 and <= WeeksMax), "weeks",
            $"weeks must be a whole number from 1 to {WeeksMax}");
        errors.ThrowIfAny();
        var wanted = kind == "inventory" ? ScanKind.Inventory : ScanKind.Policy;
        return TypedResults.Ok(new TrendsView(kind!, await ScanTrend.ReadAsync(scans, caller.Organization, wanted, count, clock.GetUtcNow(), cancel)));
    }

    private static async Task<Scan> FindAsync(IScanStore scans, string organization, string scanId, CancellationToken cancel) =>
        await scans.FindAsync(organization, scanId, cancel) ?? throw new NotFoundException($"Scan {scanId} not found");

    /// <summary>Null if there is none.</summary>
    private static ScanLevel? ToLevel(StartScanBody body)
    {
        if (body.Level is null)
        {
            return null;
        }

        var errors = new FieldErrors();
        var level = ApiEnumNames.Find<ScanLevel>(body.Level);
        errors.Require(level is not null, "level", $"level must be {string.Join(", ", ApiEnumNames.All<ScanLevel>())}");
        errors.Require(
            body.Kind is null or "policy", "kind", "kind must be policy, or missing, with a level: deep starts the inventory that the policies need by itself");
        errors.ThrowIfAny();
        return level;
    }

    private static LeveledScanRequest ToLeveled(string organization, ScanLevel level, StartScanBody body)
    {
        var request = ToRequest(organization, body with { Kind = "policy" });
        return new LeveledScanRequest(organization, level, request.ScanType, request.Trigger, request.Filter);
    }

    private static ScanRequest ToRequest(string organization, StartScanBody body)
    {
        var errors = new FieldErrors();
        errors.Require(body.Kind is "inventory" or "policy", "kind", "kind must be inventory or policy");
        errors.Require(body.ScanType is null or "bootstrap" or "anti-entropy", "scan_type", "scan_type must be bootstrap or anti-entropy");
        errors.ThrowIfAny();
        return new ScanRequest(
            organization,
            body.Kind == "inventory" ? ScanKind.Inventory : ScanKind.Policy,
            body.ScanType == "anti-entropy" ? ScanType.AntiEntropy : ScanType.Bootstrap,
            "manual",
            new ScanFilter(body.AccountId, body.Service is null or "all" ? null : body.Service, body.PolicyId));
    }

    /// <param name="Kind">inventory or policy.</param>
    /// <param name="Service">A service, or all, which is the default.</param>
    /// <param name="ScanType">bootstrap, which is the default, or anti-entropy.</param>
    /// <param name="Level">quick: critical and high policies; standard: all; deep: an inventory of what they need, then all. Implies kind policy.</param>
    internal sealed record StartScanBody(string? Kind, string? Service, string? AccountId, string? PolicyId, string? ScanType, string? Level);

    /// <summary>A scan as recorded in the audit log.</summary>
    internal sealed record ScanState(string Kind, string ScanType, string Status, string? AccountId, string Service, string? PolicyId, string? Level)
    {
        public static ScanState? Of(Scan? scan) => scan is null ? null : new ScanState(
            ApiEnumNames.Of(scan.Kind), ApiEnumNames.Of(scan.ScanType), ApiEnumNames.Of(scan.Status), scan.Filter.AccountId, scan.Filter.Service ?? "all",
                scan.Filter.PolicyId, LevelOf(scan));
    }

    /// <param name="InventoryScanId">The inventory that the scan waits for, with the level deep.</param>
    internal sealed record StartedView(
        string ScanId, string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? InventoryScanId = null);

    internal static string? LevelOf(Scan scan) => scan.Filter.Level is { } level ? ApiEnumNames.Of(level) : null;

    internal sealed record ScanPage(
        IEnumerable<ScanView> Scans, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken);

    internal sealed record UnitCountsView(int Total, int Remaining, int Failed);

    internal sealed record UnitPage(
        IEnumerable<UnitView> Units, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken);

    internal sealed record TrendsView(string Kind, IReadOnlyList<ScanTrend> Weeks);

    internal record ScanView(
        string ScanId, string Kind, string ScanType, string Trigger, string Status, string? AccountId, string Service, string? PolicyId, string? Level,
        string? AfterScanId, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, long? DurationMs, UnitCountsView Units,
        IReadOnlyDictionary<string, long> Counters, IReadOnlyList<ScanError> Errors)
    {
        public static ScanView From(Scan scan) => new(
            scan.ScanId, ApiEnumNames.Of(scan.Kind), ApiEnumNames.Of(scan.ScanType), scan.Trigger, ApiEnumNames.Of(scan.Status), scan.Filter.AccountId,
            scan.Filter.Service ?? "all", scan.Filter.PolicyId, LevelOf(scan), scan.AfterScanId, scan.CreatedAt, scan.StartedAt, scan.FinishedAt,
            DurationOf(scan),
            new UnitCountsView(scan.TotalUnits, scan.RemainingUnits, scan.FailedUnits), scan.Counters.Values, scan.Errors);

        protected static long? DurationOf(Scan scan) => (long?)(scan.FinishedAt - (scan.StartedAt ?? scan.CreatedAt))?.TotalMilliseconds;
    }

    /// <param name="Result">The counts under their older names, for an inventory or a policy scan, as far as they are known.</param>
    /// <param name="Progress">By account and service, including running units.</param>
    /// <param name="UnitList">The first units; <c>/scans/{scan_id}/units</c> has all of them.</param>
    /// <param name="Permissions">Used and denied permissions; null for a policy scan.</param>
    internal sealed record ScanDetailView(
        [property: JsonIgnore] ScanView Of, ScanResultView Result, IEnumerable<ProgressView> Progress, IEnumerable<UnitView> UnitList, bool MoreUnits,
        ScanPermissionsView? Permissions) : ScanView(Of)
    {
        public static ScanDetailView From(Scan scan, IReadOnlyList<ScanProgress> progress, Page<Unit> units, ScanPermissionsView? permissions)
        {
            // While it is running, its own counters do not include running units.
            var counters = new ScanCounters();
            foreach (var part in progress)
            {
                counters.Add(part.Counters);
            }

            var view = ScanView.From(scan) with { Counters = counters.Values };
            return new ScanDetailView(
                view, ScanResultView.From(scan, counters, progress, DurationOf(scan)), progress.Select(ProgressView.From), units.Items.Select(UnitView.From),
                units.Next is not null, permissions);
        }
    }

    internal sealed record ScanResultView(
        string ScanId, long? ScanDurationMs, int AccountsProcessed,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? TotalResources,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? ProcessedResources,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? SkippedResources,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? FindingsCreated,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? FindingsClosed,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? PoliciesEvaluated)
    {
        public static ScanResultView From(Scan scan, ScanCounters counters, IReadOnlyList<ScanProgress> progress, long? duration)
        {
            var accounts = progress.Where(p => p.Units.Keys.Any(s => s is UnitStatus.Done or UnitStatus.Failed)).Select(p => p.AccountId).Distinct().Count();
            return scan.Kind == ScanKind.Inventory
                ? new(scan.ScanId, duration, accounts, counters[ScanCounters.ResourcesFound], null, null, null, null, null)
                : new(
                    scan.ScanId, duration, accounts, null, counters[ScanCounters.ProcessedResources], counters[ScanCounters.SkippedResources],
                    counters[ScanCounters.FindingsCreated], counters[ScanCounters.FindingsClosed],
                    progress.GroupBy(p => p.Service).Sum(g => g.Max(p => p.Counters[ScanCounters.PoliciesEvaluated])));
        }
    }

    internal sealed record ProgressView(
        string AccountId, string Service, IReadOnlyDictionary<string, int> Units, IReadOnlyDictionary<string, long> Counters, int Errors)
    {
        public static ProgressView From(ScanProgress progress) => new(
            progress.AccountId, progress.Service, progress.Units.ToDictionary(u => ApiEnumNames.Of(u.Key), u => u.Value), progress.Counters.Values,
                progress.Errors);
    }

    internal sealed record UnitView(
        string AccountId, string Region, string Service, string Status, int Attempts, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt,
        IReadOnlyDictionary<string, long> Counters, IReadOnlyList<UnitError> Errors, IReadOnlyList<CountedCalls> Calls)
    {
        public static UnitView From(Unit unit) => new(
            unit.AccountId, unit.Region, unit.Service, ApiEnumNames.Of(unit.Status), unit.Attempts, unit.StartedAt, unit.FinishedAt, unit.Counters.Values,
            unit.Errors, unit.Calls);
    }
}
