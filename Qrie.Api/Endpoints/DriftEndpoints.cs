using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints;

internal static class DriftEndpoints
{
    public static void MapDrift(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/drift", GetDrift).WithTags("Coverage")
            .WithSummary("Drift found by an anti-entropy inventory: by account, or by region and type of one account").ProducesProblems(404);

    /// <param name="account">Exact account id: its regions and types.</param>
    /// <param name="accountId">An alias of account.</param>
    /// <param name="scanId">An anti-entropy inventory of the last 90 days. Default: the last complete one over everything.</param>
    private static async Task<Ok<DriftView>> GetDrift(
        [FromQuery(Name = "account")] string? account, [FromQuery(Name = "account_id")] string? accountId, [FromQuery(Name = "scan_id")] string? scanId,
        IScanStore scans, IDriftStore drift, DriftAttribution attribution, Caller caller, CancellationToken cancel)
    {
        var scan = scanId is null
            ? await scans.FindLastFullAsync(caller.Organization, ScanKind.Inventory, cancel)
            : await scans.FindAsync(caller.Organization, scanId, cancel) ?? throw new NotFoundException($"Scan {scanId} not found");
        if (scan is null)
        {
            return TypedResults.Ok(new DriftView(null, null, 0, 0, 0, [], [], []));
        }

        var only = account ?? accountId;
        var accounts = (await drift.CountByAccountAsync(caller.Organization, scan.ScanId, cancel)).Where(a => only is null || a.AccountId == only).ToList();
        var types = only is null ? [] : await drift.CountByTypeAsync(caller.Organization, scan.ScanId, only, cancel);
        var samples = await drift.ListSamplesAsync(caller.Organization, scan.ScanId, only, cancel);
        return TypedResults.Ok(new DriftView(
            scan.ScanId, scan.FinishedAt, accounts.Sum(a => a.Created), accounts.Sum(a => a.Changed), accounts.Sum(a => a.Deleted), accounts,
            types.Select(t => new TypeDriftView(t.Region, t.Type, t.Created, t.Changed, t.Deleted, attribution.Of(t, samples))),
            samples.Select(s => DriftSampleView.From(s, attribution))));
    }

    /// <param name="ScanId">The scan that found them; null if there was none.</param>
    /// <param name="Accounts">Largest first.</param>
    /// <param name="Types">Of the requested account: by region (global for a global list) and type, largest first.</param>
    /// <param name="Samples">The first resources found: 20 per scan are stored.</param>
    internal sealed record DriftView(
        string? ScanId, DateTimeOffset? FinishedAt, long Created, long Changed,
        long Deleted, IEnumerable<AccountDrift> Accounts, IEnumerable<TypeDriftView> Types,
        IEnumerable<DriftSampleView> Samples);

    /// <param name="Region">global for a global list.</param>
    /// <param name="LikelyEvents">Events that should have reported these.</param>
    internal sealed record TypeDriftView(string Region, string Type, long Created, long Changed, long Deleted, IReadOnlyList<string> LikelyEvents);
}
