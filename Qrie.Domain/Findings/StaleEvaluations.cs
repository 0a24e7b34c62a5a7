using Qrie.Domain.Accounts;
using Qrie.Domain.Inventory;
using Qrie.Domain.Work;

namespace Qrie.Domain.Findings;

/// <summary>
/// Repeats evaluations whose lookups would return something else now because another resource changed. Events do not wait for the next scan to do so.
/// </summary>
public sealed class StaleEvaluations(IFindingStore findings, IResourceStore resources, IAccountStore accounts, FindingsReconciler reconciler)
{
    /// <summary>Bounded, so that a bucket with a thousand dependents does not delay the next event.</summary>
    private const int AtOnce = 100;

    /// <summary>Evaluates one batch. Returns false if none is left that can be evaluated.</summary>
    public async Task<bool> EvaluateAsync(string organization, CancellationToken cancel)
    {
        var stale = await findings.ListStaleAsync(organization, AtOnce, cancel);
        var counters = new ScanCounters();
        foreach (var group in stale.GroupBy(e => e.AccountService, e => e.Arn))
        {
            var (accountId, service) = AccountService.Split(group.Key);
            if (await accounts.FindAsync(organization, accountId, cancel) is not { Status: AccountStatus.Active } account)
            {
                continue; // removed meanwhile
            }

            var dependents = new List<StoredResource>();
            foreach (var arn in group)
            {
                if (await resources.FindAsync(organization, group.Key, arn, cancel) is { DeletedAt: null } dependent)
                {
                    dependents.Add(dependent);
                }
            }

            await reconciler.EvaluateAsync(account, service, dependents, null, counters, cancel);
        }

        return stale.Count == AtOnce && counters[ScanCounters.ResourcesEvaluated] > 0;
    }
}
