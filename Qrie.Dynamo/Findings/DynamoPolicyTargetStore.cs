using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Preview;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Findings;

internal sealed class DynamoPolicyTargetStore(DynamoStore store, ResourceReader reader) : IPolicyTargetStore
{
    /// <summary>The maximum size of configurations held before parsing.</summary>
    private const long BytesAtOnce = 8_000_000;

    public async Task<TargetRange?> NextRangeAsync(
        string organization, string accountService, string type, TargetRange? after, int limit, CancellationToken cancel)
    {
        var query = new ItemQuery(StoreTables.Resources, ResourceItem.HashKey(organization, accountService))
        {
            Index = StoreTables.Resources.Index("ByList"),
            From = after is null ? KeyText.Join(type, "") : ResourceItem.ListKey(type, after.ListedIn, after.Arns[^1]),
            To = KeyText.Join(type, "\uFFFF"),
            Strong = true,
            Limit = limit + 1,
        };
        var keys = (await store.Calls.QueryAsync(query, cancel)).Items.Select(item => ItemKey.Of(StoreTables.Resources, item)).ToList();
        if (keys.Count == 0)
        {
            return null;
        }

        var found = await store.Calls.BatchGetAsync(keys, strong: true, cancel);
        var rows = keys.Where(found.ContainsKey).Select(key => new ResourceItem(organization, found[key]))
            .Where(row => after is null || (row.ListedInText, row.ArnText) != (after.ListedIn, after.Arns[^1])).Take(limit).ToList();
        var fits = HowManyFit(rows);
        return fits == 0 ? null : new TargetRange(accountService, type, [.. rows.Take(fits).Select(row => row.ArnText)], rows[fits - 1].ListedInText);
    }

    public async Task<IReadOnlyList<PolicyTarget>> ReadAsync(string organization, string policyId, TargetRange range, CancellationToken cancel)
    {
        var rows = (await reader.FindAllAsync(organization, range.Arns.Select(arn => (range.AccountService, arn)), cancel))
            .Where(row => row.IsAlive && row.TypeText == range.Type).OrderBy(row => row.ArnText, CodePoints.Order).ToList();
        var keys = rows.Where(row => ResourceVerdicts.PoliciesOf(row.Item).Contains(policyId))
            .ToDictionary(row => row.ArnText, row => FindingItems.KeyOf(organization, new FindingIdentity(range.AccountService, row.ArnText, policyId)));
        var findings = keys.Count == 0 ? [] : await store.Calls.BatchGetAsync(keys.Values, strong: true, cancel);
        return
        [
            .. (await reader.WithConfigurationsAsync(rows, cancel)).Select(resource => new PolicyTarget(
                resource,
                keys.TryGetValue(resource.Arn, out var key) && findings.TryGetValue(key, out var item) ? FindingItems.ToFinding(organization, item) : null)),
        ];
    }

    /// <summary>At least one, however large it is.</summary>
    private static int HowManyFit(List<ResourceItem> rows)
    {
        var bytes = 0L;
        for (var i = 0; i < rows.Count; i++)
        {
            bytes += rows[i].Size;
            if (i > 0 && bytes > BytesAtOnce)
            {
                return i;
            }
        }

        return rows.Count;
    }
}
