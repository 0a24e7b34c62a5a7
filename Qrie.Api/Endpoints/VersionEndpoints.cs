using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Qrie.Api.Access;
using Qrie.Api.Hosting;
using Qrie.Domain;
using Qrie.Domain.Catalog;

namespace Qrie.Api.Endpoints;

internal static class VersionEndpoints
{
    public static void MapVersion(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/version", GetVersion)
            .Limits(AccountLimit.WithoutAccounts).WithTags("Health").WithSummary("What is running: version, commit, runtime, catalog, store");

    private static async Task<Ok<VersionView>> GetVersion(ICatalog catalog, IInstallation installation, ProcessStart start, CancellationToken cancel)
    {
        var (kind, version) = await installation.DescribeStoreAsync(cancel);
        var current = catalog.Current;
        return TypedResults.Ok(new VersionView(
            QrieVersion.Current, QrieVersion.Commit, RuntimeInformation.FrameworkDescription,
            new CatalogCountsView(current.Services.Count, current.Services.Sum(s => s.Resources.Count), current.Policies.Count),
            new VersionedStoreView(kind, version, await installation.SchemaAsync(cancel)), start.At));
    }

    /// <param name="Commit">The commit that it was built from; null if unknown.</param>
    internal sealed record VersionView(
        string Version, string? Commit, string Runtime, CatalogCountsView Catalog, VersionedStoreView Store, DateTimeOffset StartedAt);

    internal sealed record CatalogCountsView(int Services, int ResourceTypes, int Policies);

    /// <param name="Version">The version of the library or server.</param>
    /// <param name="Schema">The schema version.</param>
    internal sealed record VersionedStoreView(string Kind, string Version, int Schema);
}
