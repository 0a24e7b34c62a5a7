using System.Collections.Concurrent;
using System.Globalization;
using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Compliance;

/// <summary>Derives the state of a framework from stored totals. Pure: it reads nothing.</summary>
public static class FrameworkAssessor
{
    /// <param name="known">
    /// What policies say without demanded parameters, by policy id: many requirements name the same ones. Filled on the way; null for none.
    /// </param>
    public static FrameworkAssessment Assess(
        FrameworkDefinition framework, ResourceCatalog catalog, ComplianceTotals totals, ConcurrentDictionary<string, PolicyAssessment>? known = null)
    {
        known ??= new ConcurrentDictionary<string, PolicyAssessment>(StringComparer.Ordinal);
        var requirements = framework.Requirements.Select(requirement => Assess(requirement, catalog, totals, known)).ToList();
        return new FrameworkAssessment(
            framework, ScoreOf(requirements),
            [.. framework.Sections.Select(section =>
                new SectionAssessment(section, ScoreOf([.. requirements.Where(r => r.Requirement.Section == section.Id)])))],
            requirements);
    }

    public static RequirementAssessment Assess(
        RequirementDefinition requirement, ResourceCatalog catalog, ComplianceTotals totals, ConcurrentDictionary<string, PolicyAssessment>? known = null)
    {
        if (requirement.Manual is not null)
        {
            return new RequirementAssessment(requirement, RequirementState.Manual, PairCounts.None, [], []);
        }

        if (requirement.NotChecked is { } why)
        {
            return new RequirementAssessment(
                requirement, RequirementState.NotAssessed, PairCounts.None, [new AssessmentCause(CauseKind.NotChecked, null, 0, why)], []);
        }

        var policies = requirement.Policies
            .Select(required => known is null || required.Params.Count > 0
                ? Assess(required, catalog, totals)
                : known.GetOrAdd(required.PolicyId, _ => Assess(required, catalog, totals)))
            .ToList();
        var pairs = policies.Aggregate(PairCounts.None, (sum, policy) => sum + policy.Pairs);
        var causes = policies.SelectMany(policy => policy.Causes)
            .Where(cause => cause.Kind switch
            {
                CauseKind.OutOfScope => pairs.InScope == 0,
                CauseKind.Excepted => pairs.Decided == 0,
                _ => true,
            }).ToList();
        return new RequirementAssessment(requirement, StateOf(pairs, causes), pairs, causes, policies);
    }

    /// <summary>A failure is certain whatever else is not known; otherwise what was refused comes before what was not looked at.</summary>
    private static RequirementState StateOf(PairCounts pairs, List<AssessmentCause> causes) =>
        pairs.Failed > 0 ? RequirementState.Failed
        : causes.Exists(cause => cause.IsUnknown) ? RequirementState.Unknown
        : causes.Count > 0 ? RequirementState.NotAssessed
        : pairs.Passed > 0 ? RequirementState.Passed
        : RequirementState.NotApplicable;

    private static PolicyAssessment Assess(RequiredPolicy required, ResourceCatalog catalog, ComplianceTotals totals)
    {
        var id = required.PolicyId;
        var definition = catalog.FindPolicy(id)!;
        var launched = totals.Launched.GetValueOrDefault(id);
        if (launched is not { Status: PolicyStatus.Active })
        {
            return new PolicyAssessment(id, ParamFit.None, PairCounts.None,
                [launched is null
                    ? new AssessmentCause(CauseKind.NotLaunched, id, 0, $"Policy {id} is not launched.")
                    : new AssessmentCause(CauseKind.Suspended, id, 0, $"Policy {id} is suspended.")]);
        }

        var fit = DemandedParams.Fit(required, definition, launched);
        if (fit == ParamFit.None)
        {
            return new PolicyAssessment(id, fit, PairCounts.None,
                [new AssessmentCause(
                    CauseKind.OtherParams, id, 0,
                    $"Policy {id} runs with other parameters: {DemandedParams.Describe(required, definition, launched)}.")]);
        }

        var pairs = totals.Policies.GetValueOrDefault(id, PairCounts.None);
        List<AssessmentCause> causes = [.. CausesOf(definition, pairs, catalog, totals)];
        if (fit == ParamFit.Stricter && pairs.Failed > 0)
        {
            causes.Add(new AssessmentCause(
                CauseKind.StricterParams, id, pairs.Failed,
                $"{Of(pairs.Failed, "pair")} of policy {id} failed with stricter parameters: {DemandedParams.Describe(required, definition, launched)}."));
            pairs = pairs with { Failed = 0, Unknown = pairs.Unknown + pairs.Failed };
        }

        return new PolicyAssessment(id, fit, pairs, causes);
    }

    private static IEnumerable<AssessmentCause> CausesOf(PolicyDefinition definition, PairCounts pairs, ResourceCatalog catalog, ComplianceTotals totals)
    {
        var (id, type) = (definition.Id, catalog.FindType(definition.ResourceType)!);
        var known = totals.Types.GetValueOrDefault(type.Type, TypeTotals.None);
        var watching = totals.Watching(definition.Service);
        if (watching == 0)
        {
            yield return new AssessmentCause(CauseKind.OutOfScope, id, 0, $"No account watches the service of policy {id}.");
            yield break;
        }

        if (pairs.Unknown > 0)
        {
            yield return new AssessmentCause(CauseKind.ReadRefused, id, pairs.Unknown, $"Unknown of policy {id}: {Of(pairs.Unknown, "verdict")}.");
        }

        if (known.Unread > 0)
        {
            yield return new AssessmentCause(
                CauseKind.ListRefused, id, known.Unread,
                $"Refused or incomplete in {Of(known.Unread, "account and region", "accounts and regions")}: the list of {type.Type}.");
        }

        if (type.Scope == ResourceScope.Regional && totals.WithoutRegions > 0)
        {
            yield return new AssessmentCause(
                CauseKind.RegionsRefused, id, totals.WithoutRegions, $"The regions of {Of(totals.WithoutRegions, "account")} could not be determined.");
        }

        if (known.Accounts < watching)
        {
            var missing = watching - known.Accounts;
            yield return new AssessmentCause(CauseKind.NotInventoried, id, missing, $"{type.Type} was never inventoried in {Of(missing, "account")}.");
        }

        if (type.Scope == ResourceScope.Regional && totals.WithNewRegions > 0)
        {
            yield return new AssessmentCause(
                CauseKind.NotInventoried, id, totals.WithNewRegions, $"No inventory has read the new regions of {Of(totals.WithNewRegions, "account")} yet.");
        }

        if (known.Resources - pairs.InScope - pairs.OutOfScope is > 0 and var pending)
        {
            yield return new AssessmentCause(CauseKind.NotEvaluated, id, pending, $"Not evaluated by policy {id} yet: {Of(pending, "resource")}.");
        }

        if (pairs.Excepted > 0)
        {
            yield return new AssessmentCause(CauseKind.Excepted, id, pairs.Excepted, $"Exceptions hold {Of(pairs.Excepted, "finding")} of policy {id}.");
        }

        if (pairs is { InScope: 0, OutOfScope: > 0 })
        {
            yield return new AssessmentCause(
                CauseKind.OutOfScope, id, pairs.OutOfScope, $"The scope of policy {id} leaves out all {pairs.OutOfScope} resources.");
        }
    }

    private static string Of(long n, string one, string? several = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{n:N0} {(n == 1 ? one : several ?? one + "s")}");

    private static Score ScoreOf(List<RequirementAssessment> requirements)
    {
        int Count(RequirementState state) => requirements.Count(r => r.State == state);
        // A pair counts once, by the requirement whose demand the policy fits best.
        var pairs = requirements.SelectMany(r => r.Policies)
            .GroupBy(policy => policy.PolicyId)
            .Select(group => group.MaxBy(policy => policy.Fit)!.Pairs)
            .Aggregate(PairCounts.None, (sum, of) => sum + of);
        return new Score(
            Count(RequirementState.Passed), Count(RequirementState.Failed), Count(RequirementState.Unknown), Count(RequirementState.NotApplicable),
            Count(RequirementState.NotAssessed), Count(RequirementState.Manual), requirements.Count(r => r.Requirement.NotChecked is not null), pairs);
    }
}
