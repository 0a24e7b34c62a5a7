using Qrie.Domain.Accounts;
using Qrie.Domain.Inventory;
using Qrie.Domain.Scans;

namespace Qrie.Domain.Findings;

/// <summary>
/// Gives verdicts anew whose lookups would find something else now, because another resource changed. A scan does so when it comes by;
/// what follows events does not wait for it.
/// </summary>
public sealed class UnderminedVerdicts(IFindingStore findings, IResourceStore resources, IAccountStore accounts, FindingsReconciler reconciler)
{
    /// <summary>A bucket that a thousand others log to must not hold up the next event.</summary>
    private const int AtOnce = 100;

    /// <summary>Some of them. False: none is left, or none that can be judged.</summary>
    public async Task<bool> JudgeAsync(string organization, CancellationToken cancel)
    {
        var undermined = await findings.ListUnderminedAsync(organization, AtOnce, cancel);
        var counters = new ScanCounters();
        foreach (var group in undermined.GroupBy(e => e.AccountService, e => e.Arn))
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

            await reconciler.JudgeAsync(account, service, dependents, null, counters, cancel);
        }

        return undermined.Count == AtOnce && counters[ScanCounters.ResourcesJudged] > 0;
    }
}
