using Qrie.Domain.Catalog;
using Qrie.Domain.Scans;

namespace Qrie.Domain.Compliance;

/// <summary>Collects what a report about a framework shows.</summary>
public sealed class ComplianceReports(
    ComplianceReader reader, IComplianceStore store, IScanStore scans, ICatalog catalog, TimeProvider clock)
{
    /// <summary>Failed pairs listed of each policy; the number of all of them is told.</summary>
    public const int PairsShown = 50;

    /// <summary>How many of the latest scans are looked at for those that the report rests on.</summary>
    private const int ScansLookedAt = 100;

    /// <summary>The latest complete scans of each kind that the report names.</summary>
    private const int ScansShown = 3;

    /// <exception cref="Validation.InvalidInputException">The account is not registered, or no account is in the unit.</exception>
    /// <exception cref="Validation.NotFoundException">There is no such framework.</exception>
    public async Task<ComplianceReport> ReadAsync(string organization, string framework, ComplianceScope scope, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        var at = clock.GetUtcNow();
        var assessment = await reader.ReadAsync(organization, framework, scope, cancel);
        var selection = await reader.SelectAsync(organization, scope, cancel);
        var totals = await store.ReadTotalsAsync(organization, selection, cancel);
        var failed = new List<FailedPolicy>();
        foreach (var group in assessment.Requirements.Where(r => r.State == RequirementState.Failed)
            .SelectMany(r => r.Policies.Where(p => p.Pairs.Failed > 0).Select(p => (r.Requirement.Id, Policy: p)))
            .GroupBy(pair => pair.Policy.PolicyId))
        {
            var definition = snapshot.FindPolicy(group.Key)!;
            var launched = totals.Launched[group.Key];
            PairPolicy[] policy = [new(definition.Id, launched.Revision, definition.ResourceType, definition.Service)];
            var pairs = await PairsAsync(organization, selection, policy, cancel);
            failed.Add(new FailedPolicy(
                definition, launched.Severity ?? definition.Severity, launched.Remediation ?? definition.Remediation,
                [.. group.Select(pair => pair.Id)], group.First().Policy.Pairs.Failed, pairs));
        }

        var (unknown, unread) = await reader.WhyUnknownAsync(organization, scope, assessment.Requirements, cancel);
        return new ComplianceReport
        {
            Assessment = assessment,
            Scope = scope,
            At = at,
            Accounts = totals.Accounts,
            Attestations = (await store.ListAttestationsAsync(organization, framework, cancel)).ToDictionary(a => a.Requirement),
            Failed = [.. failed.OrderByDescending(f => f.Severity).ThenBy(f => f.Definition.Id, StringComparer.Ordinal)],
            Unknown = unknown,
            Unread = unread,
            Scans = await LastScansAsync(organization, cancel),
            PolicyDefinitions = ComplianceHistory.HashOfPolicies(assessment.Framework, snapshot),
        };
    }

    /// <summary>A page of a rare verdict may be short, so several are read.</summary>
    private async Task<IReadOnlyList<PolicyPair>> PairsAsync(
        string organization, AccountSelection selection, PairPolicy[] policy, CancellationToken cancel)
    {
        var pairs = new List<PolicyPair>();
        var page = new Page<PolicyPair>([], null);
        do
        {
            page = await store.ListPairsAsync(
                organization, selection, policy, PairVerdict.Fail, new PageRequest(PairsShown - pairs.Count, page.Next), cancel);
            pairs.AddRange(page.Items);
        }
        while (page.Next is not null && pairs.Count < PairsShown);

        return pairs;
    }

    private async Task<IReadOnlyList<Scan>> LastScansAsync(string organization, CancellationToken cancel)
    {
        var latest = (await scans.ListAsync(organization, new PageRequest(ScansLookedAt), cancel)).Items
            .Where(s => s.Status is ScanStatus.Completed or ScanStatus.CompletedWithErrors).ToList();
        return [.. Enum.GetValues<ScanKind>().SelectMany(kind => latest.Where(s => s.Kind == kind).Take(ScansShown))];
    }
}

/// <summary>A report about a framework.</summary>
public sealed record ComplianceReport
{
    public required FrameworkAssessment Assessment { get; init; }

    public required ComplianceScope Scope { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>How many accounts it is about.</summary>
    public required int Accounts { get; init; }

    /// <summary>By requirement; expired ones included.</summary>
    public required IReadOnlyDictionary<string, Attestation> Attestations { get; init; }

    /// <summary>The most severe first.</summary>
    public required IReadOnlyList<FailedPolicy> Failed { get; init; }

    /// <summary>Why pairs are unknown, most pairs first.</summary>
    public required IReadOnlyList<UnknownPairs> Unknown { get; init; }

    /// <summary>The first lists that were refused.</summary>
    public required IReadOnlyList<UnreadList> Unread { get; init; }

    /// <summary>The latest complete inventories, then policy scans, newest first.</summary>
    public required IReadOnlyList<Scan> Scans { get; init; }

    /// <summary>Changes with the definitions of the framework's policies.</summary>
    public required string PolicyDefinitions { get; init; }
}

/// <summary>A policy with failing pairs.</summary>
/// <param name="Remediation">Markdown.</param>
/// <param name="Requirements">Those that fail because of it.</param>
/// <param name="Failed">All failing pairs.</param>
/// <param name="Pairs">The first <see cref="ComplianceReports.PairsShown"/> of them.</param>
public sealed record FailedPolicy(
    PolicyDefinition Definition, int Severity, string Remediation, IReadOnlyList<string> Requirements, long Failed, IReadOnlyList<PolicyPair> Pairs);
