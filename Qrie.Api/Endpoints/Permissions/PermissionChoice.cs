using Qrie.Aws.Permissions;
using Qrie.Domain.Catalog;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Permissions;

/// <summary>The requested permissions: those of the named policies, or else those of an inventory.</summary>
/// <param name="Policies">Null for an inventory.</param>
/// <param name="Services">Null for all.</param>
/// <param name="Named">Policies to list with the actions that they depend on.</param>
internal sealed record PermissionChoice(IReadOnlyList<PolicyDefinition>? Policies, IReadOnlyList<string>? Services, IReadOnlyList<PolicyDefinition> Named)
{
    /// <summary>Selects the launched policies.</summary>
    public const string Launched = "launched";

    /// <param name="policies">A comma-separated list of ids, or launched; null if not given.</param>
    /// <param name="services">A comma-separated list; null if not given.</param>
    /// <param name="active">The launched policies.</param>
    /// <exception cref="InvalidInputException">There is no such policy or service.</exception>
    public static PermissionChoice Read(string? policies, string? services, IReadOnlyList<string> active, ResourceCatalog catalog)
    {
        var errors = new FieldErrors();
        var keys = List(services);
        foreach (var key in keys?.Where(key => catalog.FindService(key) is null) ?? [])
        {
            errors.Add("services", $"service '{key}' is not known; it must be one of {string.Join(", ", catalog.Services.Select(s => s.Key))}.");
        }

        var named = new List<PolicyDefinition>();
        foreach (var id in policies == Launched ? active : List(policies) ?? [])
        {
            if (catalog.FindPolicy(id) is { } policy)
            {
                named.Add(policy);
            }
            else if (policies != Launched)
            {
                errors.Add("policies", $"Policy {id} not found. See GET /policies, or use launched for the launched policies.");
            }
        }

        errors.ThrowIfAny();
        var chosen = policies is null ? null : named.Where(p => keys?.Contains(p.Service) ?? true).ToList();
        return new PermissionChoice(chosen, keys, [.. active.Select(catalog.FindPolicy).OfType<PolicyDefinition>()]);
    }

    public IReadOnlyList<RequiredAction> Of(CatalogPermissions permissions, ResourceCatalog catalog) =>
        Policies is null ? permissions.OfInventory(catalog, Services, Named) : permissions.OfPolicies(catalog, Policies);

    private static string[]? List(string? text) => text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
