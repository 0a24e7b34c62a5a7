using Qrie.Domain.Catalog;

namespace Qrie.Domain.Findings.Exceptions.Import;

/// <summary>Finds policies by the checks of another tool.</summary>
/// <param name="kind">The tool, as in <c>equivalents</c> of policies.</param>
internal sealed class PolicyEquivalents(ResourceCatalog catalog, string kind)
{
    private readonly List<(string CheckId, PolicyDefinition Policy, PolicyEquivalent Equivalent)> _all =
    [
        .. from policy in catalog.Policies
           from equivalent in policy.Equivalents.GetValueOrDefault(kind) ?? []
           select (equivalent.Id, policy, equivalent),
    ];

    /// <summary>The policies that are equivalent to checks, with what differs.</summary>
    /// <param name="check">An id, or a pattern in which <c>*</c> stands for any text.</param>
    public IReadOnlyList<(PolicyDefinition Policy, string? Note)> Find(string check) =>
    [
        .. _all.Where(e => Wildcard.Matches(check, e.CheckId)).DistinctBy(e => e.Policy.Id).Select(e => (e.Policy, NoteOf(e.CheckId, e.Policy, e.Equivalent))),
    ];

    private static string? NoteOf(string check, PolicyDefinition policy, PolicyEquivalent equivalent) => equivalent.Covers switch
    {
        EquivalentCoverage.Same => null,
        EquivalentCoverage.More => $"{policy.Id} finds more than {check}, which is then suppressed, too. {equivalent.Why}",
        _ => $"{policy.Id} finds less than {check}. {equivalent.Why}",
    };
}
