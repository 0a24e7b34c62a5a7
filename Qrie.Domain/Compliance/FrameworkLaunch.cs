using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.Domain.Management;
using Qrie.Domain.Policies;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Compliance;

/// <summary>Launches the policies of a framework, with the parameters that its requirements demand.</summary>
public sealed class FrameworkLaunch(IComplianceStore store, PolicyLifeCycle lifeCycle, ICatalog catalog)
{
    /// <summary>What a launch would do; nothing is written.</summary>
    /// <exception cref="InvalidInputException">There is no such section.</exception>
    /// <exception cref="NotFoundException">There is no such framework.</exception>
    public async Task<LaunchPlan> PlanAsync(FrameworkLaunchRequest request, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        var framework = ComplianceReader.FindFramework(snapshot, request.Framework);
        if (request.Section is { } section && framework.FindSection(section) is null)
        {
            throw InvalidInputException.Of(
                "section", $"section '{SafeText.Clean(section)}' is not known; it must be one of {string.Join(", ", framework.Sections.Select(s => s.Id))}.");
        }

        var totals = await store.ReadTotalsAsync(request.Organization, AccountSelection.All, cancel);
        var (launch, active, suspended) = (new List<PlannedPolicy>(), new List<ActiveInPlan>(), new List<string>());
        foreach (var group in framework.Requirements.Where(r => request.Section is null || r.Section == request.Section)
            .SelectMany(requirement => requirement.Policies.Select(policy => (requirement.Id, Policy: policy)))
            .GroupBy(pair => pair.Policy.PolicyId))
        {
            var definition = snapshot.FindPolicy(group.Key)!;
            var requirements = group.Select(pair => pair.Id).ToList();
            var launched = totals.Launched.GetValueOrDefault(group.Key);
            if (launched is { Status: PolicyStatus.Active })
            {
                active.Add(new ActiveInPlan(group.Key, requirements, [.. group
                    .Where(pair => DemandedParams.Fit(pair.Policy, definition, launched) != ParamFit.Exact)
                    .Select(pair => $"{pair.Id}: {DemandedParams.Describe(pair.Policy, definition, launched)}")]));
            }
            else if (launched is { Status: PolicyStatus.Suspended } && !request.IncludeSuspended)
            {
                suspended.Add(group.Key);
            }
            else
            {
                launch.Add(new PlannedPolicy(
                    group.Key, definition.Severity, requirements, DemandedParams.ToLaunch(group.Select(pair => pair.Policy), definition),
                    totals.Types.GetValueOrDefault(definition.ResourceType, TypeTotals.None).Resources));
            }
        }

        return new LaunchPlan(framework, request.Section, launch, active, suspended);
    }

    /// <summary>Launches what the plan names, with one bootstrap scan.</summary>
    /// <exception cref="InvalidInputException">There is no such section, or the scope is invalid; nothing was launched.</exception>
    /// <exception cref="NotFoundException">There is no such framework.</exception>
    public async Task<(LaunchPlan Plan, BulkLaunchResult Result)> LaunchAsync(FrameworkLaunchRequest request, CancellationToken cancel)
    {
        var plan = await PlanAsync(request, cancel);
        if (plan.Launch.Count == 0)
        {
            return (plan, new BulkLaunchResult([], [], null));
        }

        return (plan, await lifeCycle.LaunchAllAsync(
            new BulkLaunchRequest(
                request.Organization, [.. plan.Launch.Select(policy => policy.PolicyId)], request.Scope,
                plan.Launch.Where(policy => policy.Params.Count > 0).ToDictionary(policy => policy.PolicyId, policy => policy.Params)),
            cancel));
    }
}

/// <param name="Section">Null for the whole framework.</param>
/// <param name="Scope">The scope of the launched policies; null for everything.</param>
/// <param name="IncludeSuspended">Launches suspended policies again, with new settings.</param>
public sealed record FrameworkLaunchRequest(string Organization, string Framework, string? Section, PolicyScope? Scope, bool IncludeSuspended);

/// <summary>What a launch does.</summary>
/// <param name="Launch">Policies that are launched.</param>
/// <param name="Active">Policies that are active already; they stay as they are.</param>
/// <param name="Suspended">Policies that stay suspended.</param>
public sealed record LaunchPlan(
    FrameworkDefinition Framework, string? Section, IReadOnlyList<PlannedPolicy> Launch, IReadOnlyList<ActiveInPlan> Active, IReadOnlyList<string> Suspended);

/// <param name="Requirements">Those that the policy checks.</param>
/// <param name="Params">The demanded parameters, where they differ from the definition's.</param>
/// <param name="Resources">Stored resources that it will evaluate, its scope apart.</param>
public sealed record PlannedPolicy(
    string PolicyId, int Severity, IReadOnlyList<string> Requirements, IReadOnlyDictionary<string, JsonElement> Params, long Resources);

/// <param name="Differences">By requirement: parameters that it runs with and that are not the demanded ones.</param>
public sealed record ActiveInPlan(string PolicyId, IReadOnlyList<string> Requirements, IReadOnlyList<string> Differences);
