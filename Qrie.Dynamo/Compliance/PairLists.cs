using System.Globalization;
using Qrie.Domain;
using Qrie.Domain.Compliance;
using Qrie.Domain.Policies;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Findings;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Compliance;

/// <summary>
/// Lists (resource, policy) pairs, policy by policy and account_service by account_service. The counts of verdicts show which account_services have a wanted
/// verdict at all, so that a rare one is found without reading the resources of the others.
/// </summary>
internal sealed class PairLists(DynamoStore store, CounterItems counters, PolicyLists lists)
{
    /// <summary>The maximum number of resources examined for a page, so that its cost is bounded.</summary>
    private const int LookAtMost = 5000;

    private const int ReadAtOnce = 100;

    /// <param name="accounts">In order.</param>
    public async Task<Page<PolicyPair>> ReadAsync(
        string organization, IReadOnlyList<string> accounts, IReadOnlyList<PairPolicy> policies, PairVerdict? wanted, PageRequest page,
        CancellationToken cancel)
    {
        var (first, from, listedIn, arn) = page.After is { } key ? (int.Parse(key[0], CultureInfo.InvariantCulture), key[1], key[2], key[3]) : (0, "", "", "");
        var (found, looked) = (new List<PolicyPair>(page.Size), 0);
        for (var at = first; at < policies.Count; at++)
        {
            var policy = policies[at];
            foreach (var accountService in accounts.Select(a => AccountService.Of(a, policy.Service)))
            {
                if (at == first && string.CompareOrdinal(accountService, from) < 0)
                {
                    continue;
                }

                var isFirst = at == first && accountService == from;
                if (!isFirst && !await MayHaveAsync(organization, accountService, policy, wanted, cancel))
                {
                    continue;
                }

                var last = isFirst ? (ListedIn: listedIn, Arn: arn) : (ListedIn: "", Arn: "");
                await foreach (var row in RowsAsync(organization, accountService, policy.ResourceType, last, cancel))
                {
                    if (found.Count == page.Size || looked == LookAtMost)
                    {
                        return new Page<PolicyPair>(found, [at.ToString(CultureInfo.InvariantCulture), accountService, last.ListedIn, last.Arn]);
                    }

                    looked++;
                    last = (row.ListedInText, row.ArnText);
                    var pair = await PairAsync(row, policy, cancel);
                    if (wanted is null || pair.Verdict == wanted)
                    {
                        found.Add(pair);
                    }
                }
            }
        }

        return new Page<PolicyPair>(found, null);
    }

    private async Task<bool> MayHaveAsync(
        string organization, string accountService, PairPolicy policy, PairVerdict? wanted, CancellationToken cancel)
    {
        if (wanted is null or PairVerdict.NotEvaluated)
        {
            return true;
        }

        var counts = await store.GetAsync(
            counters.KeysOf(organization, AccountService.Split(accountService).AccountId, CounterGroups.OfPairs(policy.PolicyId, policy.Revision))[0], cancel);
        return counts?.Number(Json.Name(wanted.Value)) > 0;
    }

    /// <summary>The resources of a type, by list and ARN.</summary>
    private async IAsyncEnumerable<ResourceItem> RowsAsync(
        string organization, string accountService, string type, (string ListedIn, string Arn) after,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var query = new ItemQuery(StoreTables.Resources, ResourceItem.HashKey(organization, accountService))
        {
            Index = StoreTables.Resources.Index("ByList"),
            From = after.Arn.Length == 0 ? KeyText.Join(type, "") : ResourceItem.ListKey(type, after.ListedIn, after.Arn),
            To = KeyText.Join(type, "\uFFFF"),
            Strong = true,
            Limit = ReadAtOnce,
        };
        for (var next = query; ;)
        {
            var page = await store.Calls.QueryAsync(next, cancel);
            var keys = page.Items.Select(item => ItemKey.Of(StoreTables.Resources, item)).ToList();
            var found = keys.Count == 0 ? [] : await store.Calls.BatchGetAsync(keys, strong: true, cancel);
            foreach (var row in keys.Where(found.ContainsKey).Select(key => new ResourceItem(organization, found[key])))
            {
                if (row.IsAlive && (row.ListedInText, row.ArnText) != after)
                {
                    yield return row;
                }
            }

            if (page.Next is null)
            {
                yield break;
            }

            next = next with { After = page.Next };
        }
    }

    private async Task<PolicyPair> PairAsync(ResourceItem row, PairPolicy policy, CancellationToken cancel)
    {
        var evaluation = row.Item.Text(ResourceItem.Evaluation) is { } json ? Json.To<StoredEvaluation>(json) : null;
        var (verdict, reason) = evaluation is null
            ? (PairVerdict.NotEvaluated, null)
            : Verdict(evaluation, await lists.FindAsync(evaluation.Policies, cancel), policy);
        return new PolicyPair(
            policy.PolicyId, row.AccountServiceName, row.ArnText, policy.ResourceType, row.RegionText, verdict, reason,
            verdict == PairVerdict.NotEvaluated ? null : evaluation!.EvaluatedAt);
    }

    private static (PairVerdict Verdict, UnknownReason? Reason) Verdict(StoredEvaluation evaluation, PolicyList list, PairPolicy policy)
    {
        var listed = new ListedPolicy(policy.PolicyId, policy.Revision);
        var given = evaluation.Pairs(list).Where(pair => pair.Policy == listed).Select(pair => (PairVerdict?)pair.Verdict).FirstOrDefault();
        return given is PairVerdict.Unknown
            ? (PairVerdict.Unknown, evaluation.StoredVerdicts(list).First(v => v.PolicyId == policy.PolicyId && v.Revision == policy.Revision).Reason)
            : (given ?? PairVerdict.NotEvaluated, null);
    }
}
