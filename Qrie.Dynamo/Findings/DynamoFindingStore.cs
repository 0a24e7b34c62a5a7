using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Dynamo.Accounts;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Outbox;
using Qrie.Dynamo.Policies;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Findings;

internal sealed class DynamoFindingStore(
    DynamoStore store, VerdictWriter verdicts, PendingEvaluations pending, PolicyLists lists, CounterItems counters, ResourceReader reader,
    DynamoPolicyStore policies, IAccountStore accounts, OutboxApplier outbox) : IFindingStore
{
    private const int OrphansAtOnce = 100;

    private static readonly TimeSpan s_indexesFollowWithin = TimeSpan.FromSeconds(5);

    private readonly FindingLists _lists = new(store, counters, accounts);

    public Task<ApplyResult> ApplyAsync(string organization, IReadOnlyList<EvaluatedResource> evaluated, string? scanId, CancellationToken cancel) =>
        evaluated.Count == 0 ? Task.FromResult(ApplyResult.Nothing) : verdicts.ApplyAsync(organization, evaluated, scanId, cancel);

    public Task<EvaluationProgress> ReadEvaluationProgressAsync(string organization, string accountService, CancellationToken cancel) =>
        pending.ProgressAsync(organization, accountService, cancel);

    public Task<EvaluationChunk> ReadPendingAsync(
        string organization, string accountService, EvaluationQuery query, EvaluationCursor? after, int limit, CancellationToken cancel) =>
        pending.ReadAsync(organization, accountService, query, after, limit, cancel);

    public async Task<IReadOnlyList<(string AccountService, string Arn)>> ListStaleAsync(string organization, int limit, CancellationToken cancel)
    {
        var active = (await accounts.ListAsync(organization, includeRemoved: false, cancel)).Select(a => a.AccountId).ToHashSet();
        var stale = new List<(string AccountService, string Arn)>();
        await foreach (var item in store.Calls.QueryAllAsync(LookupItems.Query(LookupItems.StaleOf(organization)), cancel))
        {
            var (accountService, arn) = LookupItems.ResourceOf(item);
            if (active.Contains(AccountService.Split(accountService).AccountId)
                && await reader.FindAsync(organization, accountService, arn, cancel) is { IsAlive: true } row && row.Item.Number(ResourceItem.NextDue) == 0)
            {
                stale.Add((accountService, arn));
                if (stale.Count == limit)
                {
                    break;
                }
            }
        }

        return stale;
    }

    public Task RecordEvaluatedAsync(string organization, string accountService, EvaluatedUnit evaluated, CancellationToken cancel) =>
        pending.RecordAsync(organization, accountService, evaluated, cancel);

    public async Task<int> ResolvePolicyAsync(
        string organization, string policyId, ResolvedReason reason, DateTimeOffset now, int limit, CancellationToken cancel)
    {
        // What transactions of dead processes left is part of the counts.
        while (await outbox.RecoverAsync(organization, null, OrphansAtOnce, cancel) == OrphansAtOnce)
        {
        }

        var pause = new Backoff(store.Clock);
        while (!(await policies.ActiveRevisionsAsync(organization, cancel)).ContainsKey(policyId))
        {
            var found = await UnresolvedAsync(organization, policyId, limit, cancel);
            var resolved = await verdicts.ResolveAsync(organization, policyId, found, reason, now, cancel);
            if (resolved > 0 || !(await ListUnresolvedPoliciesAsync(organization, cancel)).Contains(policyId))
            {
                return resolved;
            }

            // The index does not have them yet.
            await pause.WaitAsync(s_indexesFollowWithin, "The index of findings lags behind.", cancel);
        }

        return 0; // it was launched again meanwhile
    }

    public async Task<Evaluation?> FindEvaluationAsync(string organization, string accountService, string arn, CancellationToken cancel)
    {
        if ((await reader.FindAsync(organization, accountService, arn, cancel))?.Item is not { } item || item.Text(ResourceItem.Evaluation) is not { } json)
        {
            return null;
        }

        var evaluation = Json.To<StoredEvaluation>(json);
        return evaluation.ToEvaluation(
            accountService, arn, item.Time(ResourceItem.NextDue), await lists.FindAsync(evaluation.Policies, cancel));
    }

    public async Task<Finding?> FindAsync(string organization, string accountService, string arn, string policyId, CancellationToken cancel)
    {
        var item = await store.GetAsync(FindingItems.KeyOf(organization, new FindingIdentity(accountService, arn, policyId)), cancel);
        return item is null ? null : (await _lists.LastEvaluatedAsync(organization, [FindingItems.ToFinding(organization, item)], cancel))[0];
    }

    public async Task<IReadOnlyList<Finding>> ListOfResourceAsync(string organization, string accountService, string arn, CancellationToken cancel)
    {
        var items = await store.ListAsync(new ItemQuery(StoreTables.Findings, KeyText.Scoped(organization, arn)) { Strong = true }, cancel);
        return await _lists.LastEvaluatedAsync(
            organization,
            [
                .. items.Select(item => FindingItems.ToFinding(organization, item)).Where(f => f.AccountService == accountService)
                    .OrderBy(f => f.PolicyId, StringComparer.Ordinal),
            ],
            cancel);
    }

    public Task<Page<Finding>> ListAsync(string organization, FindingFilter filter, PageRequest page, CancellationToken cancel) =>
        _lists.ReadAsync(organization, filter, page, cancel);

    public Task<Page<FindingGroup>> GroupAsync(
        string organization, FindingFilter filter, FindingGrouping by, PageRequest page, CancellationToken cancel) =>
        _lists.GroupAsync(organization, filter, by, page, cancel);

    public async Task<IReadOnlyDictionary<string, long>> CountActiveByPolicyAsync(string organization, CancellationToken cancel) =>
        (await counters.ReadActiveAsync(
            organization, await AccountItems.ListInactiveAsync(store, organization, cancel), CounterGroups.Policy, cancel))
        .Where(c => CounterGroups.PartsOf(c.Name).Second == Json.Name(FindingState.Active)).GroupBy(c => c.Group[CounterGroups.Policy.Length..])
        .Select(g => (g.Key, N: g.Sum(c => c.N))).Where(g => g.N != 0).ToDictionary(g => g.Key, g => g.N);

    public async Task<IReadOnlyList<string>> ListUnresolvedPoliciesAsync(string organization, CancellationToken cancel) =>
    [
        .. (await counters.ReadAsync(organization, CounterItems.AllAccounts, CounterGroups.Policy, cancel))
            .Where(c => CounterGroups.PartsOf(c.Name).Second != Json.Name(FindingState.Resolved)).GroupBy(c => c.Group[CounterGroups.Policy.Length..])
            .Where(g => g.Sum(c => c.N) > 0).Select(g => g.Key).Order(StringComparer.Ordinal),
    ];

    public async Task<IReadOnlyList<VerdictCount>> CountVerdictsAsync(string organization, string? accountId, CancellationToken cancel)
    {
        var revisions = new CurrentPolicies(await policies.ActiveRevisionsAsync(organization, cancel));
        var counts = new List<VerdictCount>();
        var counted = (await accounts.ListAsync(organization, includeRemoved: false, cancel)).Where(a => accountId is null || a.AccountId == accountId);
        foreach (var account in counted)
        {
            foreach (var counter in await counters.ReadAsync(organization, account.AccountId, CounterGroups.Verdicts, cancel))
            {
                var group = counter.Group[CounterGroups.Verdicts.Length..].Split(KeyText.Separator);
                var name = counter.Name.Split(KeyText.Separator);
                if (counter.N > 0 && revisions.Is(group[1], long.Parse(group[2], System.Globalization.CultureInfo.InvariantCulture)))
                {
                    counts.Add(new VerdictCount(
                        account.AccountId, group[0], group[1], Json.Parse<Verdict>(name[0]), NullIfEmpty(name[1]), NullIfEmpty(name[2]), counter.N));
                }
            }
        }

        return
        [
            .. counts.OrderBy(c => AccountService.Of(c.AccountId, c.Service), StringComparer.Ordinal).ThenBy(c => c.PolicyId, StringComparer.Ordinal)
                .ThenBy(c => Json.Name(c.Verdict), StringComparer.Ordinal).ThenBy(c => c.Attribute ?? "", StringComparer.Ordinal)
                .ThenBy(c => c.ErrorCode ?? "", StringComparer.Ordinal),
        ];
    }

    /// <summary>Resources with an active or suppressed finding of a policy.</summary>
    private async Task<List<(string AccountService, string Arn)>> UnresolvedAsync(string organization, string policyId, int limit, CancellationToken cancel)
    {
        var found = new List<(string AccountService, string Arn)>();
        foreach (var state in (FindingState[])[FindingState.Active, FindingState.Suppressed])
        {
            if (found.Count == limit)
            {
                break;
            }

            var page = await store.Calls.QueryAsync(
                new ItemQuery(StoreTables.Findings, FindingItems.OfPolicy(organization, policyId, state))
                {
                    Index = StoreTables.Findings.Index("ByPolicy"),
                    Limit = limit - found.Count,
                },
                cancel);
            found.AddRange(page.Items.Select(item => FindingItems.ToFinding(organization, item)).Select(f => (f.AccountService, f.Arn)));
        }

        return found;
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
