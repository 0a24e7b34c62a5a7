using Microsoft.Extensions.Logging;
using Qrie.Domain.Access;
using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;

namespace Qrie.Domain.Management;

/// <summary>
/// Starts scans of active policies that are missing because a process died, or the store failed, between a launch or change and its scan. Without them the
/// policy would not be evaluated before the next scheduled scan.
/// </summary>
public sealed partial class MissingPolicyScans(
    IOrganizationStore organizations, IPolicyStore policies, IScanStore scans,
    PolicyLifeCycle lifeCycle, ICatalog catalog, TimeProvider clock, ILogger<MissingPolicyScans> logger)
{
    /// <param name="minAge">More recent changes are left to their writers.</param>
    public async Task StartAsync(TimeSpan minAge, CancellationToken cancel)
    {
        foreach (var (organization, _, _) in await organizations.ListAsync(cancel))
        {
            await StartAsync(organization, clock.GetUtcNow() - minAge, cancel);
        }
    }

    private async Task StartAsync(string organization, DateTimeOffset settled, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        foreach (var policy in (await policies.ListAsync(organization, cancel)).Where(p => p.Status == PolicyStatus.Active && p.RevisedAt <= settled))
        {
            if (snapshot.FindPolicy(policy.PolicyId) is { } definition
                && !await scans.HasPolicyScanAsync(organization, definition.Id, definition.Service, policy.RevisedAt, cancel))
            {
                Log.Missing(logger, definition.Id, policy.RevisedAt);
                await lifeCycle.StartScanAsync(organization, new ScanFilter(PolicyId: definition.Id));
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Policy {PolicyId} was changed at {RevisedAt:O} and not evaluated since: starting a scan")]
        public static partial void Missing(ILogger logger, string policyId, DateTimeOffset revisedAt);
    }
}
