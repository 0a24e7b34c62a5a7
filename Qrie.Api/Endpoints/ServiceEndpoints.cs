using Microsoft.AspNetCore.Http.HttpResults;
using Qrie.Api.Access;
using Qrie.Domain.Catalog;

namespace Qrie.Api.Endpoints;

internal static class ServiceEndpoints
{
    /// <summary>The order in which the older client expects them.</summary>
    private static readonly string[] First = ["s3", "ec2", "iam"];

    public static void MapServices(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/services", ListServices).Limits(AccountLimit.WithoutAccounts).WithTags("Services").WithSummary("The services whose resources are read");

    private static Ok<IEnumerable<ServiceView>> ListServices(ICatalog catalog) =>
        TypedResults.Ok(catalog.Current.Services
            .OrderBy(s => Array.IndexOf(First, s.Key) is var at && at < 0 ? First.Length : at)
            .ThenBy(s => s.Key, StringComparer.Ordinal)
            .Select(s => new ServiceView(s.Key, s.Key.ToUpperInvariant())));

    internal sealed record ServiceView(string ServiceName, string DisplayName);
}
