using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints;

internal static class ScanEndpoints
{
    public static void MapScans(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/scans").WithTags("Scans");
        group.MapGet("", ListScans).WithSummary("Scans, newest first").ProducesProblems(400);
        group.MapPost("", StartScan).WithSummary("Start an inventory or a policy scan").ProducesProblems(400);
        group.MapGet("/{scanId}", GetScan).WithSummary("One scan with its units").ProducesProblems(404);
    }

    private static async Task<Ok<ScanPage>> ListScans(
        [FromQuery(Name = "page_size")] string? pageSize, [FromQuery(Name = "next_token")] string? nextToken, IScanStore scans, PageTokens tokens,
        CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var page = await tokens.ReadAsync("scans", pageSize, nextToken, errors);
        errors.ThrowIfAny();
        var found = await scans.ListAsync(Organizations.Default, page, cancel);
        return TypedResults.Ok(new ScanPage(found.Items.Select(s => ScanView.From(s)), await tokens.WriteAsync("scans", found.Next)));
    }

    private static async Task<Accepted<StartedView>> StartScan(JsonBody<StartScanBody> body, ScanCoordinator coordinator, CancellationToken cancel)
    {
        var request = ToRequest(body.Value);
        var scan = (await coordinator.StartAsync(request, cancel))!; // only scheduled scans may turn out to exist already
        return TypedResults.Accepted($"/scans/{scan.ScanId}", new StartedView(scan.ScanId, Words.Of(scan.Status)));
    }

    private static async Task<Ok<ScanView>> GetScan(string scanId, IScanStore scans, CancellationToken cancel)
    {
        var scan = await scans.FindAsync(Organizations.Default, scanId, cancel) ?? throw new NotFoundException($"Scan {scanId} not found");
        return TypedResults.Ok(ScanView.From(scan, await scans.ListUnitsAsync(Organizations.Default, scanId, cancel)));
    }

    private static ScanRequest ToRequest(StartScanBody body)
    {
        var errors = new FieldErrors();
        errors.Require(body.Kind is "inventory" or "policy", "kind", "kind must be inventory or policy");
        errors.Require(body.ScanType is null or "bootstrap" or "anti-entropy", "scan_type", "scan_type must be bootstrap or anti-entropy");
        errors.ThrowIfAny();
        return new ScanRequest(
            Organizations.Default,
            body.Kind == "inventory" ? ScanKind.Inventory : ScanKind.Policy,
            body.ScanType == "anti-entropy" ? ScanType.AntiEntropy : ScanType.Bootstrap,
            "manual",
            new ScanFilter(body.AccountId, body.Service is null or "all" ? null : body.Service, body.PolicyId));
    }

    /// <param name="Kind">inventory or policy.</param>
    /// <param name="Service">A service, or all, which is the default.</param>
    /// <param name="ScanType">bootstrap, which is the default, or anti-entropy.</param>
    internal sealed record StartScanBody(string? Kind, string? Service, string? AccountId, string? PolicyId, string? ScanType);

    internal sealed record StartedView(string ScanId, string Status);

    internal sealed record ScanPage(
        IEnumerable<ScanView> Scans, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken);

    internal sealed record UnitCountsView(int Total, int Remaining, int Failed);

    internal sealed record ScanView(
        string ScanId, string Kind, string ScanType, string Trigger, string Status, string? AccountId, string Service, string? PolicyId,
        DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, long? DurationMs, UnitCountsView Units,
        IReadOnlyDictionary<string, long> Counters, IReadOnlyList<ScanError> Errors,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IEnumerable<UnitView>? UnitList)
    {
        public static ScanView From(Scan scan, IReadOnlyList<Unit>? units = null) => new(
            scan.ScanId, Words.Of(scan.Kind), Words.Of(scan.ScanType), scan.Trigger, Words.Of(scan.Status), scan.Filter.AccountId,
            scan.Filter.Service ?? "all", scan.Filter.PolicyId, scan.CreatedAt, scan.StartedAt, scan.FinishedAt,
            (long?)(scan.FinishedAt - (scan.StartedAt ?? scan.CreatedAt))?.TotalMilliseconds,
            new UnitCountsView(scan.TotalUnits, scan.RemainingUnits, scan.FailedUnits), scan.Counters.Values, scan.Errors, units?.Select(UnitView.From));
    }

    internal sealed record UnitView(
        string AccountId, string Region, string Service, string Status, int Attempts, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt,
        IReadOnlyDictionary<string, long> Counters, IReadOnlyList<UnitError> Errors)
    {
        public static UnitView From(Unit unit) => new(
            unit.AccountId, unit.Region, unit.Service, Words.Of(unit.Status), unit.Attempts, unit.StartedAt, unit.FinishedAt, unit.Counters.Values,
            unit.Errors);
    }
}
