using System.Globalization;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;

namespace Qrie.Domain.Policies;

/// <summary>Finds the policies to evaluate: active and defined in the catalog.</summary>
public sealed class ActivePolicies(IPolicyStore policies, ICatalog catalog)
{
    public async Task<PolicySet> OfServiceAsync(Account account, string service, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        var definitions = snapshot.Policies.Where(p => p.Service == service).ToDictionary(p => p.Id);
        var byType = (await policies.ListAsync(account.Organization, definitions.Keys, cancel))
            .Where(p => p.Status == PolicyStatus.Active)
            .Select(p => new ActivePolicy(p, definitions[p.PolicyId]))
            .GroupBy(p => p.Definition.ResourceType)
            .ToDictionary(g => g.Key, g => (IReadOnlyList<ActivePolicy>)[.. g]);
        return new PolicySet(byType, byType.ToDictionary(t => t.Key, t => ActivePolicy.FingerprintOf(t.Value, account)));
    }
}

/// <summary>The active policies of one service, as they apply to one account.</summary>
/// <param name="ByType">By resource type.</param>
/// <param name="Fingerprints">By resource type.</param>
public sealed record PolicySet(
    IReadOnlyDictionary<string, IReadOnlyList<ActivePolicy>> ByType, IReadOnlyDictionary<string, string> Fingerprints)
{
    public IReadOnlyList<string> Ids => [.. ByType.Values.SelectMany(p => p).Select(p => p.PolicyId)];

    public IReadOnlyList<ActivePolicy> OfType(string type) => ByType.GetValueOrDefault(type, []);

    /// <summary>The policies of at least a severity. Their fingerprints differ from those of any set of all policies.</summary>
    public PolicySet AtLeast(int severity, Account account)
    {
        var byType = ByType.Select(t => (t.Key, Policies: (IReadOnlyList<ActivePolicy>)[.. t.Value.Where(p => p.Severity >= severity)]))
            .Where(t => t.Policies.Count > 0)
            .ToDictionary(t => t.Key, t => t.Policies);
        var prefix = string.Create(CultureInfo.InvariantCulture, $"from {severity}: ");
        return new PolicySet(byType, byType.ToDictionary(t => t.Key, t => prefix + ActivePolicy.FingerprintOf(t.Value, account)));
    }
}
