using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Compliance;

/// <summary>
/// The state of frameworks and requirements. Everything but pairs follows from stored totals: its cost depends neither on resources nor on findings.
/// Used by the REST API and the console.
/// </summary>
public sealed class ComplianceReader(IComplianceStore store, IAccountStore accounts, ICatalog catalog)
{
    /// <summary>Refused lists named with a requirement.</summary>
    private const int UnreadShown = 100;

    /// <summary>What was derived from totals, for as long as the store returns the same ones: until its next write.</summary>
    private readonly ConditionalWeakTable<ComplianceTotals, Assessed> _assessed = [];

    /// <summary>All frameworks of the catalog.</summary>
    /// <exception cref="InvalidInputException">The account is not registered, or no account is in the unit.</exception>
    public async Task<IReadOnlyList<FrameworkAssessment>> ListAsync(string organization, ComplianceScope scope, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        var totals = await store.ReadTotalsAsync(organization, await SelectAsync(organization, scope, cancel), cancel);
        return [.. snapshot.Frameworks.Select(framework => Assess(framework, snapshot, totals))];
    }

    /// <exception cref="InvalidInputException">The account is not registered, or no account is in the unit.</exception>
    /// <exception cref="NotFoundException">There is no such framework.</exception>
    public async Task<FrameworkAssessment> ReadAsync(string organization, string framework, ComplianceScope scope, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        var definition = FindFramework(snapshot, framework);
        return Assess(definition, snapshot, await store.ReadTotalsAsync(organization, await SelectAsync(organization, scope, cancel), cancel));
    }

    /// <summary>A requirement with what is behind its unknown pairs.</summary>
    /// <exception cref="InvalidInputException">The account is not registered, or no account is in the unit.</exception>
    /// <exception cref="NotFoundException">There is no such framework or requirement.</exception>
    public async Task<RequirementDetail> ReadRequirementAsync(
        string organization, string framework, string requirement, ComplianceScope scope, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        var definition = FindFramework(snapshot, framework);
        var selection = await SelectAsync(organization, scope, cancel);
        var totals = await store.ReadTotalsAsync(organization, selection, cancel);
        var assessment = FrameworkAssessor.Assess(FindRequirement(definition, requirement), snapshot, totals);
        var (unknown, unread) = await WhyUnknownAsync(organization, selection, [assessment], snapshot, totals, cancel);
        return new RequirementDetail(
            definition, assessment, unknown, unread, await store.FindAttestationAsync(organization, definition.Id, requirement, cancel));
    }

    /// <summary>What could not be read, of all unknown pairs and lists behind some requirements.</summary>
    public async Task<(IReadOnlyList<UnknownPairs> Pairs, IReadOnlyList<UnreadList> Lists)> WhyUnknownAsync(
        string organization, ComplianceScope scope, IReadOnlyList<RequirementAssessment> requirements, CancellationToken cancel)
    {
        var selection = await SelectAsync(organization, scope, cancel);
        return await WhyUnknownAsync(
            organization, selection, requirements, catalog.Current, await store.ReadTotalsAsync(organization, selection, cancel), cancel);
    }

    /// <summary>The (resource, policy) pairs behind a requirement, those of policies that are active.</summary>
    /// <param name="verdict">Null for all.</param>
    /// <exception cref="InvalidInputException">The account is not registered, or no account is in the unit.</exception>
    /// <exception cref="NotFoundException">There is no such framework or requirement.</exception>
    public async Task<Page<PolicyPair>> ListPairsAsync(
        string organization, string framework, string requirement, ComplianceScope scope, PairVerdict? verdict, PageRequest page, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        var selection = await SelectAsync(organization, scope, cancel);
        var totals = await store.ReadTotalsAsync(organization, selection, cancel);
        var policies = FindRequirement(FindFramework(snapshot, framework), requirement).Policies.Select(policy => policy.PolicyId);
        return await store.ListPairsAsync(organization, selection, Active(policies, snapshot, totals), verdict, page, cancel);
    }

    /// <exception cref="NotFoundException">There is no such framework.</exception>
    public static FrameworkDefinition FindFramework(ResourceCatalog catalog, string id) =>
        catalog.FindFramework(id) ?? throw new NotFoundException(
            $"Framework {SafeText.Clean(id)} not found; there are {string.Join(", ", catalog.Frameworks.Select(f => f.Id).DefaultIfEmpty("none"))}.");

    /// <exception cref="NotFoundException">There is no such requirement.</exception>
    public static RequirementDefinition FindRequirement(FrameworkDefinition framework, string id) =>
        framework.FindRequirement(id)
        ?? throw new NotFoundException($"Requirement {SafeText.Clean(id)} not found in {framework.Id}; see GET /frameworks/{framework.Id}.");

    internal async Task<AccountSelection> SelectAsync(string organization, ComplianceScope scope, CancellationToken cancel)
    {
        if (scope.AccountId is { } accountId)
        {
            return await accounts.FindAsync(organization, accountId, cancel) is { Status: AccountStatus.Active }
                ? new AccountSelection([accountId])
                : throw InvalidInputException.Of("account", $"Account {SafeText.Clean(accountId)} is not registered, or removed; see GET /accounts.");
        }

        if (scope.OuPath is not { } path)
        {
            return AccountSelection.All;
        }

        return await accounts.HasAnyInAsync(organization, path, cancel)
            ? AccountSelection.InOu(path)
            : throw InvalidInputException.Of("ou", $"No account is in {SafeText.Clean(path)}; see ou in GET /accounts.");
    }

    private FrameworkAssessment Assess(FrameworkDefinition framework, ResourceCatalog snapshot, ComplianceTotals totals)
    {
        var assessed = _assessed.GetValue(totals, _ => new Assessed(snapshot));
        return assessed.Catalog == snapshot
            ? assessed.Frameworks.GetOrAdd(framework.Id, _ => FrameworkAssessor.Assess(framework, snapshot, totals, assessed.Policies))
            : FrameworkAssessor.Assess(framework, snapshot, totals); // the catalog was reloaded since
    }

    private async Task<(IReadOnlyList<UnknownPairs> Pairs, IReadOnlyList<UnreadList> Lists)> WhyUnknownAsync(
        string organization, AccountSelection selection, IReadOnlyList<RequirementAssessment> requirements, ResourceCatalog snapshot,
        ComplianceTotals totals, CancellationToken cancel)
    {
        var causes = requirements.SelectMany(requirement => requirement.Causes).Where(cause => cause.PolicyId is not null).ToList();
        List<string> Of(CauseKind kind) => [.. causes.Where(cause => cause.Kind == kind).Select(cause => cause.PolicyId!).Distinct()];
        var refused = Active(Of(CauseKind.ReadRefused), snapshot, totals);
        var unread = Of(CauseKind.ListRefused).Select(id => snapshot.FindPolicy(id)!.ResourceType).Distinct().ToList();
        return (
            refused.Count == 0 ? [] : await store.CountUnknownAsync(organization, selection, refused, cancel),
            unread.Count == 0 ? [] : await store.ListUnreadAsync(organization, selection, unread, UnreadShown, cancel));
    }

    private sealed record Assessed(ResourceCatalog Catalog)
    {
        public ConcurrentDictionary<string, PolicyAssessment> Policies { get; } = new(StringComparer.Ordinal);

        public ConcurrentDictionary<string, FrameworkAssessment> Frameworks { get; } = new(StringComparer.Ordinal);
    }

    private static List<PairPolicy> Active(IEnumerable<string> policies, ResourceCatalog catalog, ComplianceTotals totals) =>
    [
        .. policies.Where(id => totals.Launched.TryGetValue(id, out var launched) && launched.Status == PolicyStatus.Active)
            .Select(id => (Definition: catalog.FindPolicy(id)!, totals.Launched[id].Revision))
            .Select(p => new PairPolicy(p.Definition.Id, p.Revision, p.Definition.ResourceType, p.Definition.Service)),
    ];
}

/// <summary>A requirement with what is behind it.</summary>
/// <param name="Unknown">Why its pairs are unknown, most pairs first.</param>
/// <param name="Unread">The first lists of its resource types that were refused.</param>
/// <param name="Attestation">Null if there is none.</param>
public sealed record RequirementDetail(
    FrameworkDefinition Framework, RequirementAssessment Assessment, IReadOnlyList<UnknownPairs> Unknown, IReadOnlyList<UnreadList> Unread,
    Attestation? Attestation);
