using System.Text.Json;
using Qrie.Domain.Access;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Domain.Management;

/// <summary>Launches, suspends and deletes policies, with what follows for findings.</summary>
public sealed class PolicyLifeCycle(
    IPolicyStore policies, IFindingStore findings, ScanCoordinator coordinator, ICatalog catalog, TimeProvider clock)
{
    private const int PurgeBatch = 500;

    /// <summary>No policy has a longer one.</summary>
    private const int LongestId = 200;

    /// <summary>Makes a policy active and starts its bootstrap scan.</summary>
    /// <exception cref="InvalidInputException">Something about the settings cannot be right.</exception>
    /// <exception cref="NotFoundException">The catalog has no such policy.</exception>
    /// <exception cref="ConflictException">It is active already.</exception>
    public async Task<LaunchResult> LaunchAsync(LaunchRequest request, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        var definition = request.PolicyId is { } id ? snapshot.FindPolicy(id) : null;
        Validate(request, definition);
        if (definition is null)
        {
            throw NotFound(request.PolicyId!, snapshot);
        }

        var launched = await ActivateAsync(request, definition.Id, cancel) ?? throw new ConflictException(ActiveAlready(definition.Id));
        return new LaunchResult(launched, await StartScanAsync(request.Organization, new ScanFilter(PolicyId: definition.Id)));
    }

    /// <summary>Makes policies active that can be, and starts one bootstrap scan for all of them; the others are skipped with the reason.</summary>
    /// <exception cref="InvalidInputException">No policy is named, or something about the scope cannot be right; nothing was launched.</exception>
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
                    new LaunchRequest(request.Organization, id, request.Scope, null, null, null), definition!.Id, cancel) is { } policy)
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
            // Called again it would skip those that are active by now: what was launched before it broke, or was called off, gets its scan in any case.
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
        // Not to be called off by a caller who went away: the policy is active already, and would stand there without verdicts until the next scheduled scan.
        var scan = await coordinator.StartAsync(new ScanRequest(organization, ScanKind.Policy, ScanType.Bootstrap, "launch", filter), CancellationToken.None);
        return scan!.ScanId;
    }

    /// <summary>As narrow as a scan can be cut; what it evaluates beyond the launched policies is unchanged and costs nothing.</summary>
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
            return new SkippedLaunch(id ?? "", LaunchSkipReason.Unknown, $"Policy {id} not found. {Near(id ?? "", snapshot)}");
        }

        if (!seen.Add(definition.Id))
        {
            return new SkippedLaunch(id!, LaunchSkipReason.Repeated, $"Policy {definition.Id} is named more than once.");
        }

        return definition.Deprecated
            ? new SkippedLaunch(id!, LaunchSkipReason.Deprecated, $"Policy {definition.Id} is deprecated; launch it by itself if it is meant.")
            : null;
    }

    private static string ActiveAlready(string policyId) => $"Policy {policyId} is active already; change it with PUT /policies/{policyId}.";

    /// <summary>Stops a policy and resolves its findings. Answers how many were resolved; null: it is not launched.</summary>
    public Task<int?> SuspendAsync(string organization, string policyId, CancellationToken cancel) =>
        StopAsync(organization, policyId, PolicyStatus.Suspended, ResolvedReason.PolicySuspended, cancel);

    /// <summary>Takes a policy back and resolves its findings. Answers how many were resolved; null: it is not launched.</summary>
    public Task<int?> DeleteAsync(string organization, string policyId, CancellationToken cancel) =>
        StopAsync(organization, policyId, PolicyStatus.Deleted, ResolvedReason.PolicyDeleted, cancel);

    private async Task<int?> StopAsync(
        string organization, string policyId, PolicyStatus status, ResolvedReason reason, CancellationToken cancel)
    {
        // The status and its new revision come first: from then on no evaluation in flight passes the gate, so what is resolved stays so.
        if (await policies.SetStatusAsync(organization, policyId, status, clock.GetUtcNow(), cancel) is null)
        {
            return null;
        }

        // Not to be called off by a caller who went away: findings of a policy that is not active would stay open.
        return await PurgeAsync(organization, policyId, reason, CancellationToken.None);
    }

    /// <summary>Finishes what a process that died left half done; to be called at start. Answers how many findings were resolved.</summary>
    public async Task<int> FinishPurgesAsync(string organization, CancellationToken cancel)
    {
        var launched = (await policies.ListAsync(organization, cancel)).ToDictionary(p => p.PolicyId, p => p.Status);
        var resolved = 0;
        foreach (var (policyId, count) in await findings.CountActiveByPolicyAsync(organization, cancel))
        {
            var status = launched.GetValueOrDefault(policyId, PolicyStatus.Deleted);
            if (count > 0 && status != PolicyStatus.Active)
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

    internal static NotFoundException NotFound(string policyId, ResourceCatalog snapshot) => new(
        $"Policy {(policyId.Length > LongestId ? policyId[..LongestId] + '…' : policyId)} not found. {Near(policyId, snapshot)}");

    private static string Near(string policyId, ResourceCatalog snapshot)
    {
        if (policyId.Length > LongestId)
        {
            return "See GET /policies."; // near to nothing, and comparing takes time by length
        }

        var near = snapshot.Policies.Select(p => p.Id)
            .OrderBy(known => EditDistance(known.ToUpperInvariant(), policyId.ToUpperInvariant()))
            .ThenBy(known => known, StringComparer.Ordinal)
            .Take(3);
        return $"Did you mean {string.Join(", ", near)}?";
    }

    private static int EditDistance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}

/// <summary>What a caller wants launched; null: not said.</summary>
public sealed record LaunchRequest(
    string Organization, string? PolicyId, PolicyScope? Scope, int? Severity, IReadOnlyDictionary<string, JsonElement>? Params, string? Remediation);

/// <summary>The policy as it is active now, and the scan that evaluates by it.</summary>
public sealed record LaunchResult(LaunchedPolicy Policy, string ScanId);
