using Microsoft.AspNetCore.Authorization;
using Qrie.Domain;
using Qrie.Domain.Access;

namespace Qrie.Api.Access;

/// <summary>The required role of an endpoint, as metadata.</summary>
/// <param name="Installation">Only for admins of the organization <c>default</c>.</param>
internal sealed record NeededRole(Role Role, bool Installation = false);

/// <summary>The name of an endpoint's action in the audit log.</summary>
internal sealed record AuditedAs(string Action);

/// <summary>Extensions that set the required role of endpoints.</summary>
internal static class EndpointRoles
{
    private const string Installation = "installation";

    public static TBuilder Needs<TBuilder>(this TBuilder builder, Role role)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(role.ToString()).WithMetadata(new NeededRole(role));

    /// <summary>Requires an admin of the organization <c>default</c>, who manages the installation.</summary>
    public static TBuilder NeedsInstallation<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(nameof(Role.Admin), Installation).WithMetadata(new NeededRole(Role.Admin, Installation: true));

    /// <summary>Marks an endpoint that changes something: its handler receives a <see cref="RequestAudit"/> and records the change.</summary>
    public static RouteHandlerBuilder Writes(this RouteHandlerBuilder builder, Role role, string action) =>
        builder.Needs(role).WithMetadata(new AuditedAs(action));

    /// <summary>Endpoints without a role require a reader, so that an omission does not make them public.</summary>
    public static void AddRoles(this AuthorizationOptions options)
    {
        foreach (var role in Enum.GetValues<Role>())
        {
            options.AddPolicy(role.ToString(), policy => policy.RequireRole(Enum.GetValues<Role>().Where(r => r >= role).Select(r => r.ToString())));
        }

        options.AddPolicy(Installation, policy => policy.RequireRole(nameof(Role.Admin)).RequireClaim("organization", Organizations.Default));
        options.DefaultPolicy = options.FallbackPolicy = options.GetPolicy(nameof(Role.Reader))!;
    }
}
