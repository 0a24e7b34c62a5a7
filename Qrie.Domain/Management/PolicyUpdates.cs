using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Management;

/// <summary>Changes the settings and the status of launched policies.</summary>
public sealed class PolicyUpdates(IPolicyStore policies, PolicyLifeCycle lifeCycle, ICatalog catalog, TimeProvider clock)
{
    /// <summary>
    /// Applies the given settings. Changes that may affect verdicts or severities create a new revision and start a bootstrap scan; a change of the remediation
    /// alone does neither. Suspending resolves the policy's findings.
    /// </summary>
    /// <exception cref="InvalidInputException">Nothing is given, or something is invalid.</exception>
    /// <exception cref="NotFoundException">It is not launched.</exception>
    public async Task<UpdateResult> UpdateAsync(PolicyUpdate update, CancellationToken cancel)
    {
        Validate(update);
        var id = IdOf(update.PolicyId!);
        var before = await policies.FindAsync(update.Organization, id, cancel) ?? throw NotLaunched(update.PolicyId!);
        var changed = await policies.UpdateAsync(update.Organization, id, update.Change, clock.GetUtcNow(), cancel) ?? throw NotLaunched(update.PolicyId!);
        switch (update.Status)
        {
            case PolicyStatus.Suspended when before.Status == PolicyStatus.Active:
                return new UpdateResult(id, null, await lifeCycle.SuspendAsync(update.Organization, id, cancel) ?? throw NotLaunched(id));
            case PolicyStatus.Suspended:
                return new UpdateResult(id, null, 0);
            case PolicyStatus.Active when before.Status == PolicyStatus.Suspended:
                _ = await policies.SetStatusAsync(update.Organization, id, PolicyStatus.Active, clock.GetUtcNow(), cancel) ?? throw NotLaunched(id);
                return new UpdateResult(id, await ScanAsync(update.Organization, id), null);
            default:
                // A suspended policy is not evaluated: its settings apply when it is active again.
                var evaluates = changed.Status == PolicyStatus.Active && update.Change.ChangesVerdicts;
                return new UpdateResult(id, evaluates ? await ScanAsync(update.Organization, id) : null, null);
        }
    }

    /// <summary>Deletes a launched policy. Returns the number of findings resolved.</summary>
    /// <exception cref="NotFoundException">It is not launched.</exception>
    public async Task<int> DeleteAsync(string organization, string policyId, CancellationToken cancel) =>
        await lifeCycle.DeleteAsync(organization, IdOf(policyId), cancel) ?? throw NotLaunched(policyId);

    private async Task<string?> ScanAsync(string organization, string policyId) =>
        catalog.Current.FindPolicy(policyId) is null ? null : await lifeCycle.StartScanAsync(organization, new ScanFilter(PolicyId: policyId));

    /// <summary>A policy that the catalog no longer has, as it was launched.</summary>
    private string IdOf(string policyId) => catalog.Current.FindPolicy(policyId)?.Id ?? policyId;

    private void Validate(PolicyUpdate update)
    {
        var errors = new FieldErrors();
        var change = update.Change;
        errors.Require(!string.IsNullOrWhiteSpace(update.PolicyId), "policy_id", "policy_id is required");
        errors.Require(
            update.Status is not PolicyStatus.Deleted, "status", "status must be active or suspended; use DELETE /policies/{policy_id} to delete a policy.");
        if (update.Status is null && change == PolicyChange.Nothing)
        {
            errors.Add("scope", "At least one field (scope, severity, remediation) must be provided");
        }

        PolicySettings.Check(
            errors, update.PolicyId is { } id ? catalog.Current.FindPolicy(id) : null, change.Scope, change.Severity, change.Params, change.Remediation);
        errors.ThrowIfAny();
    }

    private static NotFoundException NotLaunched(string policyId) => new($"Policy {policyId} not found or not launched");
}

/// <param name="Status">Null for no change.</param>
public sealed record PolicyUpdate(string Organization, string? PolicyId, PolicyStatus? Status, PolicyChange Change);

/// <param name="ScanId">The scan of the new settings; null if none was needed.</param>
/// <param name="FindingsResolved">Findings resolved by suspending it; null if it was not suspended.</param>
public sealed record UpdateResult(string PolicyId, string? ScanId, int? FindingsResolved);
