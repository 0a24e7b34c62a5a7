using Microsoft.AspNetCore.Http.HttpResults;
using Qrie.Api.Hosting;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints;

internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/health").WithTags("Health");
        group.MapGet("", GetHealth).WithSummary("Is it ready, and what is in its way?").Produces<HealthView>(503);
        group.MapGet("/live", () => TypedResults.Ok(new LiveView("alive"))).WithSummary("Does the process answer?");
    }

    private static async Task<Results<Ok<HealthView>, JsonHttpResult<HealthView>>> GetHealth(
        Readiness readiness, ICatalog catalog, IInstallation installation, IAccountStore accounts, CancellationToken cancel)
    {
        var warnings = readiness.Warnings.ToList();
        try
        {
            var (kind, version) = await installation.DescribeStoreAsync(cancel);
            var known = await accounts.ListAsync(Organizations.Default, includeRemoved: false, cancel);
            if (known.Count == 0)
            {
                warnings.Add("No account is registered: register one with POST /accounts, or give Qrie AWS credentials and start it again.");
            }

            var current = catalog.Current;
            var view = new HealthView(
                readiness.NotReadyBecause is null ? "ok" : "starting", QrieVersion.Current, new StoreView(kind, version),
                new CatalogView(current.Services.Count, current.Services.Sum(s => s.Resources.Count), current.Policies.Count),
                known.Count, readiness.Progress, warnings);
            return readiness.NotReadyBecause is null ? TypedResults.Ok(view) : TypedResults.Json(view, statusCode: 503);
        }
        catch (StoreUnavailableException e)
        {
            warnings.Add(e.Message);
            return TypedResults.Json(new HealthView("unavailable", QrieVersion.Current, null, null, 0, null, warnings), statusCode: 503);
        }
    }

    internal sealed record LiveView(string Status);

    internal sealed record HealthView(
        string Status, string Version, StoreView? Store, CatalogView? Catalog, int Accounts, string? Progress, IReadOnlyList<string> Warnings);

    internal sealed record StoreView(string Kind, string Version);

    internal sealed record CatalogView(int Services, int ResourceTypes, int Policies);
}
