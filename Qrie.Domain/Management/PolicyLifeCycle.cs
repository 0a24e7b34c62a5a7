using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Domain.Management;

/// <summary>Launches, suspends and deletes policies, and updates findings accordingly.</summary>
public sealed class PolicyLifeCycle(
    IPolicyStore policies, IFindingStore findings, ScanCoordinator coordinator, ICatalog catalog, TimeProvider clock)
{
    private const int PurgeBatch = 500;

    /// <summary>Activates a policy and starts its bootstrap scan.</summary>
    /// <exception cref="InvalidInputException">The settings are invalid.</exception>
    /// <exception cref="NotFoundException">The catalog has no such policy.</exception>
    /// <exception cref="ConflictException">It is already active.</exception>
    public async Task<LaunchResult> LaunchAsync(LaunchRequest request, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        var definition = request.PolicyId is { } id ? snapshot.FindPolicy(id) : null;
        Validate(request, definition);
        if (definition is null)
        {
            throw UnknownPolicy.NotFound(request.PolicyId!, snapshot);
        }

        var launched = await ActivateAsync(request, definition.Id, cancel) ?? throw new ConflictException(ActiveAlready(definition.Id));
        return new LaunchResult(launched, await StartScanAsync(request.Organization, new ScanFilter(PolicyId: definition.Id)));
    }

    /// <summary>Activates several policies and starts one bootstrap scan for all of them; the others are skipped with a reason.</summary>
    /// <exception cref="InvalidInputException">No policy is named, or the scope is invalid; nothing was launched.</exception>
    public async Task<BulkLaunchResult> LaunchAllAsync(BulkLaunchRequest request, CancellationToken cancel)
    {
        Validate(request);
        var snapshot = catalog.Current;
        var (launched, skipped, seen) = (new List<LaunchedPolicy>(), new List<SkippedLaunch>(), new HashSet<string>(StringComparer.Ordinal));
        try
        {
            foreach (var id in request.PolicyIds)
            {
                var definition = id is null ? null : snapshot.FindPolicy(id);
                if (WhyNot(id, definition, snapshot, seen) is { } skip)
                {
                    skipped.Add(skip);
                }
                else if (await ActivateAsync(
                    new LaunchRequest(request.Organization, id, request.Scope, null, request.Params?.GetValueOrDefault(definition!.Id), null),
                    definition!.Id, cancel) is { } policy)
                {
                    launched.Add(policy);
                }
                else
                {
                    skipped.Add(new SkippedLaunch(id!, LaunchSkipReason.AlreadyActive, ActiveAlready(definition.Id)));
                }
            }
        }
        catch when (launched.Count > 0)
        {
            // A retry would skip policies that are active by now, so policies launched before a failure or cancellation get their scan in any case.
            await StartScanAsync(request.Organization, FilterOf(launched, snapshot));
            throw;
        }

        return new BulkLaunchResult(
            launched, skipped, launched.Count == 0 ? null : await StartScanAsync(request.Organization, FilterOf(launched, snapshot)));
    }

    private Task<LaunchedPolicy?> ActivateAsync(LaunchRequest request, string policyId, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        return policies.LaunchAsync(
            new LaunchedPolicy
            {
                Organization = request.Organization,
                PolicyId = policyId,
                Status = PolicyStatus.Active,
                Scope = request.Scope ?? PolicyScope.Everything,
                Severity = request.Severity,
                Params = request.Params ?? new Dictionary<string, JsonElement>(),
                Remediation = request.Remediation,
                CreatedAt = now,
                UpdatedAt = now,
            },
            cancel);
    }

    internal async Task<string> StartScanAsync(string organization, ScanFilter filter)
    {
        // Not cancelled with the request: the policy is already active and would have no verdicts until the next scheduled scan.
        var scan = await coordinator.StartAsync(new ScanRequest(organization, ScanKind.Policy, ScanType.Bootstrap, "launch", filter), CancellationToken.None);
        return scan!.ScanId;
    }

    /// <summary>The narrowest filter that covers them; other policies in it are unchanged and cost nothing.</summary>
    private static ScanFilter FilterOf(List<LaunchedPolicy> launched, ResourceCatalog snapshot)
    {
        var services = launched.Select(p => snapshot.FindPolicy(p.PolicyId)!.Service).Distinct().ToList();
        return launched.Count == 1 ? new ScanFilter(PolicyId: launched[0].PolicyId)
            : services.Count == 1 ? new ScanFilter(Service: services[0])
            : ScanFilter.Everything;
    }

    private static SkippedLaunch? WhyNot(string? id, PolicyDefinition? definition, ResourceCatalog snapshot, HashSet<string> seen)
    {
        if (definition is null)
        {
            return new SkippedLaunch(id ?? "", LaunchSkipReason.Unknown, $"Policy {id} not found. {UnknownPolicy.Near(id ?? "", snapshot)}");
        }

        if (!seen.Add(definition.Id))
        {
            return new SkippedLaunch(id!, LaunchSkipReason.Repeated, $"Policy {definition.Id} is named more than once.");
        }

        return definition.Deprecated
            ? new SkippedLaunch(id!, LaunchSkipReason.Deprecated, $"Policy {definition.Id} is deprecated; launch it individually if intended.")
            : null;
    }

    private static string ActiveAlready(string policyId) => $"Policy {policyId} is already active; change it with PUT /policies/{policyId}.";

    /// <summary>Suspends a policy and resolves its findings. Returns how many; null if it is not launched.</summary>
    public Task<int?> SuspendAsync(string organization, string policyId, CancellationToken cancel) =>
        StopAsync(organization, policyId, PolicyStatus.Suspended, ResolvedReason.PolicySuspended, cancel);

    /// <summary>Deletes a launched policy and resolves its findings. Returns how many; null if it is not launched.</summary>
    public Task<int?> DeleteAsync(string organization, string policyId, CancellationToken cancel) =>
        StopAsync(organization, policyId, PolicyStatus.Deleted, ResolvedReason.PolicyDeleted, cancel);

    private async Task<int?> StopAsync(
        string organization, string policyId, PolicyStatus status, ResolvedReason reason, CancellationToken cancel)
    {
        // The status and its new revision are written first: evaluations in progress are then refused, so resolved findings stay resolved.
        if (await policies.SetStatusAsync(organization, policyId, status, clock.GetUtcNow(), cancel) is null)
        {
            return null;
        }

        // Not cancelled with the request: findings of an inactive policy would stay open.
        return await PurgeAsync(organization, policyId, reason, CancellationToken.None);
    }

    /// <summary>Completes deletions interrupted by a crash; called at startup. Returns how many findings were resolved.</summary>
    public async Task<int> FinishPurgesAsync(string organization, CancellationToken cancel)
    {
        var launched = (await policies.ListAsync(organization, cancel)).ToDictionary(p => p.PolicyId, p => p.Status);
        var resolved = 0;
        foreach (var policyId in await findings.ListUnresolvedPoliciesAsync(organization, cancel))
        {
            var status = launched.GetValueOrDefault(policyId, PolicyStatus.Deleted);
            if (status != PolicyStatus.Active)
            {
                var reason = status == PolicyStatus.Suspended ? ResolvedReason.PolicySuspended : ResolvedReason.PolicyDeleted;
                resolved += await PurgeAsync(organization, policyId, reason, cancel);
            }
        }

        return resolved;
    }

    private async Task<int> PurgeAsync(string organization, string policyId, ResolvedReason reason, CancellationToken cancel)
    {
        var resolved = 0;
        int batch;
        do
        {
            batch = await findings.ResolvePolicyAsync(organization, policyId, reason, clock.GetUtcNow(), PurgeBatch, cancel);
            resolved += batch;
        }
        while (batch > 0);

        return resolved;
    }

    private static void Validate(LaunchRequest request, PolicyDefinition? definition)
    {
        var errors = new FieldErrors();
        errors.Require(!string.IsNullOrWhiteSpace(request.PolicyId), "policy_id", "policy_id is required");
        PolicySettings.Check(errors, definition, request.Scope, request.Severity, request.Params, request.Remediation);
        errors.ThrowIfAny();
    }

    private static void Validate(BulkLaunchRequest request)
    {
        var errors = new FieldErrors();
        errors.Require(request.PolicyIds.Count > 0, "policy_ids", "policy_ids must name at least one policy.");
        PolicySettings.CheckScope(errors, request.Scope);
        errors.ThrowIfAny();
    }
}

/// <summary>A launch request; null if not given.</summary>
public sealed record LaunchRequest(
    string Organization, string? PolicyId, PolicyScope? Scope, int? Severity, IReadOnlyDictionary<string, JsonElement>? Params, string? Remediation);

/// <summary>The active policy and its scan.</summary>
public sealed record LaunchResult(LaunchedPolicy Policy, string ScanId);
