using Microsoft.AspNetCore.Http.HttpResults;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Jobs;
using Qrie.Domain.Access;

namespace Qrie.Api.Endpoints.Access;

internal static class OrganizationEndpoints
{
    public static void MapOrganizations(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/organizations").WithTags("Access").NeedsInstallation();
        group.MapGet("", ListOrganizations).WithSummary("The organizations (tenants) of this installation, by id");
        group.MapPost("", CreateOrganization).Writes(Role.Admin, AuditActions.CreateOrganization).NeedsInstallation()
            .WithSummary("Create an organization; POST /keys then creates its first key").ProducesProblems(400, 409);
    }

    private static async Task<Ok<OrganizationListView>> ListOrganizations(IOrganizationStore organizations, CancellationToken cancel) =>
        TypedResults.Ok(new OrganizationListView((await organizations.ListAsync(cancel)).Select(OrganizationView.From)));

    private static async Task<Created<OrganizationView>> CreateOrganization(
        JsonBody<CreateOrganizationBody> body, OrganizationRegistry registry, ScheduleService schedules, RequestAudit audit, CancellationToken cancel)
    {
        var (id, name) = body.Value;
        var made = await audit.MakeAsync(id ?? "", () => registry.AddAsync(id, name, cancel), o => [(o.OrganizationId, OrganizationView.From(o))], cancel);
        await schedules.OpenAsync(made.OrganizationId, cancel);
        return TypedResults.Created("/organizations", OrganizationView.From(made));
    }

    /// <param name="Organization">Its id: lower-case letters, digits and hyphens.</param>
    internal sealed record CreateOrganizationBody(string? Organization, string? Name);

    internal sealed record OrganizationListView(IEnumerable<OrganizationView> Organizations);

    internal sealed record OrganizationView(string Organization, string? Name, DateTimeOffset CreatedAt)
    {
        public static OrganizationView From(Organization o) => new(o.OrganizationId, o.Name, o.CreatedAt);
    }
}
