using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;

namespace Qrie.Api.Exports;

/// <summary>What exports say about a policy.</summary>
/// <param name="Title">The id, if the catalog no longer has the policy.</param>
/// <param name="Description">Null, as what follows, if the catalog no longer has the policy.</param>
/// <param name="Category">Such as <c>access_control</c>.</param>
/// <param name="Remediation">Markdown; of the launched policy, else of its definition.</param>
/// <param name="Requirements">The requirements that the policy checks, by framework.</param>
internal sealed record ExportedPolicy(
    string Id, string Title, string? Description, string? Category, string? Remediation, IReadOnlyList<string> References,
    IReadOnlyList<ExportedRequirement> Requirements)
{
    public static ExportedPolicy Of(string policyId, ResourceCatalog catalog, LaunchedPolicy? launched)
    {
        if (catalog.FindPolicy(policyId) is not { } definition)
        {
            return new ExportedPolicy(policyId, policyId, null, null, launched?.Remediation, [], []);
        }

        return new ExportedPolicy(
            policyId, definition.Title, definition.Description.Trim(), definition.Category, (launched?.Remediation ?? definition.Remediation).Trim(),
            definition.References,
            [
                .. from framework in catalog.Frameworks
                   from requirement in framework.Requirements
                   where requirement.Policies.Any(p => p.PolicyId == definition.Id)
                   select new ExportedRequirement(framework.Id, StandardOf(framework), requirement.Id),
            ]);
    }

    /// <summary>Some titles contain the version.</summary>
    private static string StandardOf(FrameworkDefinition framework) =>
        framework.Title.Contains(framework.Version, StringComparison.Ordinal) ? framework.Title : $"{framework.Title} {framework.Version}";
}

/// <param name="Framework">Its id, <c>cis-5.0</c>.</param>
/// <param name="Standard">Its title and version.</param>
/// <param name="Requirement">As the framework writes it, <c>1.12</c>.</param>
internal sealed record ExportedRequirement(string Framework, string Standard, string Requirement);
