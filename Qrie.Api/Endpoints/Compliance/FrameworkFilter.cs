using Qrie.Domain.Catalog;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Compliance;

/// <summary>The filters framework= and requirement= of other lists.</summary>
internal static class FrameworkFilter
{
    /// <summary>The policies that check a framework or one of its requirements, each once; null if neither is given.</summary>
    public static IReadOnlyList<string>? PolicyIds(string? framework, string? requirement, FieldErrors errors, ResourceCatalog catalog)
    {
        if (framework is null)
        {
            errors.Require(requirement is null, "requirement", "requirement needs framework as well: requirement ids are those of a framework.");
            return null;
        }

        if (catalog.FindFramework(framework) is not { } found)
        {
            errors.Add("framework", $"framework must be one of {string.Join(", ", catalog.Frameworks.Select(f => f.Id))}");
            return null;
        }

        var one = requirement is null ? null : found.FindRequirement(requirement);
        errors.Require(requirement is null || one is not null, "requirement", $"requirement must be one of {framework}; see GET /frameworks/{framework}");
        return [.. (one is null ? found.Requirements : [one]).SelectMany(r => r.Policies).Select(p => p.PolicyId).Distinct()];
    }
}
