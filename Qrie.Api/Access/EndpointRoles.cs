using Microsoft.AspNetCore.Authorization;
using Qrie.Domain;
using Qrie.Domain.Access;

namespace Qrie.Api.Access;

/// <summary>The role that an endpoint asks for, to be said and tested.</summary>
/// <param name="Installation">Only of an admin of the organization <c>default</c>.</param>
internal sealed record NeededRole(Role Role, bool Installation = false);

/// <summary>The name of what an endpoint does, as the audit records it.</summary>
internal sealed record AuditedAs(string Action);

/// <summary>How endpoints say who may call them.</summary>
internal static class EndpointRoles
{
    private const string Installation = "installation";

    public static TBuilder Needs<TBuilder>(this TBuilder builder, Role role)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(role.ToString()).WithMetadata(new NeededRole(role));

    /// <summary>Asks for an admin of the organization <c>default</c>, who runs the installation.</summary>
    public static TBuilder NeedsInstallation<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(nameof(Role.Admin), Installation).WithMetadata(new NeededRole(Role.Admin, Installation: true));

    /// <summary>An endpoint that changes something: its handler takes a <see cref="RequestAudit"/> and records what it does.</summary>
    public static RouteHandlerBuilder Writes(this RouteHandlerBuilder builder, Role role, string action) =>
        builder.Needs(role).WithMetadata(new AuditedAs(action));

    /// <summary>What nothing is said of needs a reader: forgetting it lets nobody in.</summary>
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
