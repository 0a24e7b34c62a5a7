using Microsoft.AspNetCore.Http.HttpResults;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access;
using Qrie.Domain.Accounts.Discovery;
using Qrie.Domain.Management;

namespace Qrie.Api.Endpoints.Accounts;

internal static class DiscoveryEndpoints
{
    public static void MapDiscovery(this IEndpointRouteBuilder routes) => routes.MapPost("/accounts/discover", Discover)
        .WithTags("Accounts")
        .WithSummary("Import accounts, organizational units and tags from AWS Organizations; what could not be read is listed in problems")
        .ProducesProblems(400, 409)
        .Writes(Role.Admin, AuditActions.DiscoverAccounts);

    private static async Task<Ok<DiscoveryReport>> Discover(
        OptionalJsonBody<DiscoverBody> body, AccountDiscovery discovery, RequestAudit audit, Caller caller, CancellationToken cancel) =>
        TypedResults.Ok(await audit.MakeAsync(
            "", () => discovery.RunAsync(caller.Organization, body.Value?.ConfirmRemovals ?? false, cancel), report => [("", (object?)report)], cancel));

    /// <param name="ConfirmRemovals">Accept that more than half of the accounts left at once.</param>
    internal sealed record DiscoverBody(bool? ConfirmRemovals);
}
