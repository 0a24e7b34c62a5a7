using System.Globalization;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Validation;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Findings;

/// <summary>Lists and groups findings. What costs more than a bounded number of reads is refused, with what would help.</summary>
internal sealed class FindingLists(DynamoStore store, CounterItems counters, IAccountStore accounts)
{
    private int LookedAt => store.Calls.Settings.LookedAt;

    /// <summary>If all must be read before the first can be returned, as no index has the order.</summary>
    private int LookedAtToSort => 4 * LookedAt;

    private readonly GroupCounts _counts = new(counters, accounts);

    public async Task<Page<Finding>> ReadAsync(string organization, FindingFilter filter, PageRequest page, CancellationToken cancel)
    {
        var match = new FindingMatch(filter, await ActiveAsync(organization, cancel));
        var (found, orders) = filter.Order == FindingOrder.FirstSeen
            ? await InOrderAsync(organization, filter, match, page, cancel)
            : await SortedAsync(organization, filter, match, page, cancel);
        var items = await LastEvaluatedAsync(organization, [.. found.Take(page.Size)], cancel);
        // A list with a text may end a page early, at the last finding that it looked at.
        return new Page<Finding>(items, found.Count > page.Size ? [orders[page.Size - 1]] : orders.Count > found.Count ? [orders[^1]] : null);
    }

    public async Task<Page<FindingGroup>> GroupAsync(
        string organization, FindingFilter filter, FindingGrouping by, PageRequest page, CancellationToken cancel)
    {
        var counted = await _counts.FindAsync(organization, filter, by, cancel);
        var groups = (counted?.Select(group => (Group: group, Sort: SortOf(group))) ?? await OneByOneAsync(organization, filter, by, cancel))
            .OrderBy(g => g.Sort, CodePoints.Order).Where(g => page.After is null || CodePoints.CompareTexts(g.Sort, page.After[0]) > 0).ToList();
        return new Page<FindingGroup>(
            [.. groups.Take(page.Size).Select(g => g.Group)], groups.Count > page.Size ? [groups[page.Size - 1].Sort] : null);
    }

    /// <summary>The last evaluation of a finding that is not resolved includes complete evaluations of the account_service with its policy.</summary>
    public async Task<IReadOnlyList<Finding>> LastEvaluatedAsync(string organization, IReadOnlyList<Finding> findings, CancellationToken cancel)
    {
        var evaluated = new Dictionary<string, EvaluatedRecord>();
        foreach (var accountService in findings.Where(f => f.State != FindingState.Resolved).Select(f => f.AccountService).Distinct())
        {
            evaluated[accountService] = await store.FindAsync<EvaluatedRecord>(PendingEvaluations.EvaluatedKey(organization, accountService), cancel)
                ?? EvaluatedRecord.None;
        }

        return
        [
            .. findings.Select(f => f.State != FindingState.Resolved
                && evaluated[f.AccountService].Policies.TryGetValue(f.PolicyId, out var at) && at > f.LastEvaluated
                ? f with { LastEvaluated = at }
                : f),
        ];
    }

    private async Task<IEnumerable<(FindingGroup Group, string Sort)>> OneByOneAsync(
        string organization, FindingFilter filter, FindingGrouping by, CancellationToken cancel)
    {
        var match = new FindingMatch(filter, await ActiveAsync(organization, cancel));
        return (await AllAsync(organization, filter, match, cancel)).GroupBy(f => KeyOf(f.Finding, by)).Select(found =>
        {
            var group = new FindingGroup(
                found.Key.Key, found.Key.AccountService, by == FindingGrouping.Resource ? found.First().Finding.Type : null,
                Of(found, SeverityBand.Critical), Of(found, SeverityBand.High), Of(found, SeverityBand.Medium), Of(found, SeverityBand.Low));
            var worst = found.OrderByDescending(f => f.Finding.Severity).ThenBy(f => f.Order, CodePoints.Order).First();
            return (group, by == FindingGrouping.Resource
                ? KeyText.Join(KeyText.Of(Severities.Max - worst.Finding.Severity), worst.Order)
                : SortOf(group));
        });
    }

    /// <summary>One more than the page, if there are; with a text perhaps fewer, and then one more order, that of the last finding looked at.</summary>
    private async Task<(List<Finding> Found, List<string> Orders)> InOrderAsync(
        string organization, FindingFilter filter, FindingMatch match, PageRequest page, CancellationToken cancel)
    {
        var (found, orders, looked) = (new List<Finding>(), new List<string>(), 0);
        await foreach (var (finding, order) in new FindingSources(store.Calls, organization, filter, page.Size).ReadAsync(page.After?[0], cancel))
        {
            if (match.Matches(finding))
            {
                found.Add(finding);
                orders.Add(order);
                if (found.Count > page.Size)
                {
                    break;
                }
            }
            else if (++looked >= LookedAt)
            {
                if (filter.Text is null)
                {
                    throw TooMany(LookedAt);
                }

                orders.Add(order);
                break;
            }
        }

        return (found, orders);
    }

    private async Task<(List<Finding> Found, List<string> Orders)> SortedAsync(
        string organization, FindingFilter filter, FindingMatch match, PageRequest page, CancellationToken cancel)
    {
        var sorted = (await AllAsync(organization, filter, match, cancel)).Select(f => (f.Finding, Sort: SortOf(f.Finding, f.Order, filter.Order)))
            .OrderBy(f => f.Sort, CodePoints.Order).Where(f => page.After is null || CodePoints.CompareTexts(f.Sort, page.After[0]) > 0)
            .Take(page.Size + 1).ToList();
        return ([.. sorted.Select(f => f.Finding)], [.. sorted.Select(f => f.Sort)]);
    }

    private async Task<List<(Finding Finding, string Order)>> AllAsync(
        string organization, FindingFilter filter, FindingMatch match, CancellationToken cancel)
    {
        var (all, looked) = (new List<(Finding Finding, string Order)>(), 0);
        await foreach (var one in new FindingSources(store.Calls, organization, filter).ReadAsync(null, cancel))
        {
            if (++looked > LookedAtToSort)
            {
                throw TooMany(LookedAtToSort);
            }

            if (match.Matches(one.Finding))
            {
                all.Add(one);
            }
        }

        return all;
    }

    private async Task<HashSet<string>> ActiveAsync(string organization, CancellationToken cancel) =>
        [.. (await accounts.ListAsync(organization, includeRemoved: false, cancel)).Select(a => a.AccountId)];

    private static string SortOf(Finding finding, string order, FindingOrder by) => by switch
    {
        FindingOrder.Severity => KeyText.Join(KeyText.Of(Severities.Max - finding.Severity), order),
        FindingOrder.Policy => KeyText.Join(finding.PolicyId, order),
        FindingOrder.Account => KeyText.Join(AccountService.Split(finding.AccountService).AccountId, order),
        FindingOrder.Resource => KeyText.Join(finding.Arn, finding.AccountService, finding.PolicyId),
        _ => order,
    };

    private static (string Key, string? AccountService) KeyOf(Finding finding, FindingGrouping by) => by switch
    {
        FindingGrouping.Policy => (finding.PolicyId, null),
        FindingGrouping.Account => (AccountService.Split(finding.AccountService).AccountId, null),
        _ => (finding.Arn, finding.AccountService),
    };

    private static string SortOf(FindingGroup group) =>
        KeyText.Join(KeyText.Of(SeverityBand.Critical - group.Worst), KeyText.Of(long.MaxValue - group.Total), group.Key);

    private static long Of(IEnumerable<(Finding Finding, string Order)> findings, SeverityBand band) =>
        findings.Count(f => Severities.BandOf(f.Finding.Severity) == band);

    private static InvalidInputException TooMany(int most) => InvalidInputException.Of(
        "filter",
        string.Create(
            CultureInfo.InvariantCulture,
            $"More than {most} findings would have to be looked at. Add account_id, policy, state or a range of first_seen, or leave out the order."));
}
