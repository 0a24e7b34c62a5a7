using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;

namespace Qrie.Api.Endpoints.Findings;

/// <summary>Builds the details of one finding.</summary>
internal sealed class FindingDetails(ICatalog catalog, IPolicyStore policies, IResourceStore resources, TimeProvider clock)
{
    public async Task<FindingDetailView> OfAsync(string organization, Finding finding, CancellationToken cancel)
    {
        var definition = catalog.Current.FindPolicy(finding.PolicyId);
        var launched = await policies.FindAsync(organization, finding.PolicyId, cancel);
        var resource = await resources.FindAsync(organization, finding.AccountService, finding.Arn, cancel);
        return new FindingDetailView(
            FindingView.From(finding), definition?.Title, definition?.Description, definition?.Category, launched?.Remediation ?? definition?.Remediation,
            FixOf(definition, launched, resource), definition?.References ?? [], EquivalentView.From(definition), RequirementsOf(finding.PolicyId),
            finding.Transitions.Select(TransitionView.From), resource is null ? null : ResourceShortView.From(resource));
    }

    private IEnumerable<CheckedRequirementView> RequirementsOf(string policyId) =>
        catalog.Current.Frameworks.SelectMany(f => f.Requirements.Where(r => r.Policies.Any(p => p.PolicyId == policyId))
            .Select(r => new CheckedRequirementView(f.Id, f.Title, r.Id, r.Title)));

    private string? FixOf(PolicyDefinition? definition, LaunchedPolicy? launched, StoredResource? resource) =>
        definition is null ? null
        : resource?.Configuration is not { } configuration ? definition.Fix
        : FixCommand.Fill(definition, new PolicyInput
        {
            Configuration = configuration,
            AccountId = resource.AccountId,
            Arn = resource.Arn,
            Region = resource.Region,
            Tags = resource.Tags,
            Params = launched is null ? definition.Params : new ActivePolicy(launched, definition).Params,
            Now = clock.GetUtcNow(),
        });
}
