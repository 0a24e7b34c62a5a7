using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Catalog;

namespace Qrie.Api.Endpoints;

/// <param name="Id">The check's own id: EC2.19.</param>
/// <param name="Covers">What the policy finds of it: same, more, less.</param>
/// <param name="Why">What differs; null: nothing.</param>
internal sealed record EquivalentView(string Id, string Covers, string? Why)
{
    /// <summary>By kind: securityhub, config, prowler, cis.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<EquivalentView>> From(PolicyDefinition? policy) =>
        (policy?.Equivalents ?? new Dictionary<string, IReadOnlyList<PolicyEquivalent>>()).ToDictionary(
            kind => kind.Key, IReadOnlyList<EquivalentView> (kind) => [.. kind.Value.Select(e => new EquivalentView(e.Id, ApiEnumNames.Of(e.Covers), e.Why))]);
}
