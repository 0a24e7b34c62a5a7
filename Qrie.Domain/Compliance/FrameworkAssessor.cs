using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Compliance;

/// <summary>Derives the state of a framework from stored totals. Pure: it reads nothing.</summary>
public static class FrameworkAssessor
{
    public static FrameworkAssessment Assess(FrameworkDefinition framework, ResourceCatalog catalog, ComplianceTotals totals)
    {
        var requirements = framework.Requirements.Select(requirement => Assess(requirement, catalog, totals)).ToList();
        return new FrameworkAssessment(
            framework, ScoreOf(requirements),
            [.. framework.Sections.Select(section =>
                new SectionAssessment(section, ScoreOf([.. requirements.Where(r => r.Requirement.Section == section.Id)])))],
            requirements);
    }

    public static RequirementAssessment Assess(RequirementDefinition requirement, ResourceCatalog catalog, ComplianceTotals totals)
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

        var policies = requirement.Policies.Select(required => Assess(required, catalog, totals)).ToList();
        var pairs = policies.Aggregate(PairCounts.None, (sum, policy) => sum + policy.Pairs);
        var causes = policies.SelectMany(policy => policy.Causes).Where(cause => cause.Kind != CauseKind.OutOfScope || pairs.InScope == 0).ToList();
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
                $"{pairs.Failed} pairs fail policy {id} with stricter parameters than demanded: {DemandedParams.Describe(required, definition, launched)}."));
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
            yield return new AssessmentCause(CauseKind.ReadRefused, id, pairs.Unknown, $"{pairs.Unknown} verdicts of policy {id} are unknown.");
        }

        if (known.Unread > 0)
        {
            yield return new AssessmentCause(
                CauseKind.ListRefused, id, known.Unread, $"{known.Unread} lists of {type.Type}, each of an account and region, were refused or incomplete.");
        }

        if (type.Scope == ResourceScope.Regional && totals.WithoutRegions > 0)
        {
            yield return new AssessmentCause(
                CauseKind.RegionsRefused, id, totals.WithoutRegions, $"The regions of {totals.WithoutRegions} accounts could not be determined.");
        }

        if (known.Accounts < watching)
        {
            var missing = watching - known.Accounts;
            yield return new AssessmentCause(CauseKind.NotInventoried, id, missing, $"{type.Type} was never inventoried in {missing} accounts.");
        }

        if (type.Scope == ResourceScope.Regional && totals.WithNewRegions > 0)
        {
            yield return new AssessmentCause(
                CauseKind.NotInventoried, id, totals.WithNewRegions, $"{totals.WithNewRegions} accounts have regions that no inventory has read yet.");
        }

        if (known.Resources - pairs.InScope - pairs.OutOfScope is > 0 and var pending)
        {
            yield return new AssessmentCause(CauseKind.NotEvaluated, id, pending, $"{pending} resources have no verdict of policy {id} yet.");
        }

        if (pairs is { InScope: 0, OutOfScope: > 0 })
        {
            yield return new AssessmentCause(
                CauseKind.OutOfScope, id, pairs.OutOfScope, $"The scope of policy {id} leaves out all {pairs.OutOfScope} resources.");
        }
    }

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
