using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Dashboard;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Inventory;

internal sealed class DynamoDriftStore(DynamoStore store, IAccountStore accounts) : IDriftStore
{
    public async Task<IReadOnlyList<AccountDrift>> CountByAccountAsync(string organization, string scanId, CancellationToken cancel)
    {
        var active = await ActiveAsync(organization, cancel);
        return
        [
            .. (await CountsAsync(organization, scanId, null, cancel))
                .Where(d => d.Region == CounterItems.AllAccounts && active.Contains(d.AccountId))
                .Select(d => new AccountDrift(d.AccountId, d.Created, d.Changed, d.Deleted))
                .OrderByDescending(d => d.Created + d.Changed + d.Deleted).ThenBy(d => d.AccountId, StringComparer.Ordinal),
        ];
    }

    public async Task<IReadOnlyList<TypeDrift>> CountByTypeAsync(string organization, string scanId, string accountId, CancellationToken cancel) =>
        !(await ActiveAsync(organization, cancel)).Contains(accountId)
            ? []
            :
            [
                .. (await CountsAsync(organization, scanId, accountId, cancel)).Where(d => d.Region != CounterItems.AllAccounts)
                    .Select(d => new TypeDrift(d.Region, d.Type, d.Created, d.Changed, d.Deleted))
                    .OrderByDescending(d => d.Created + d.Changed + d.Deleted).ThenBy(d => d.Region, StringComparer.Ordinal)
                    .ThenBy(d => d.Type, StringComparer.Ordinal),
            ];

    public async Task<IReadOnlyList<DriftSample>> ListSamplesAsync(string organization, string scanId, string? accountId, CancellationToken cancel)
    {
        var active = await ActiveAsync(organization, cancel);
        return
        [
            .. (await store.ListAsync<DriftSample>(
                new ItemQuery(StoreTables.State, DriftItems.SamplesOf(organization, scanId)) { Strong = true }, cancel))
                .Where(s => AccountService.Split(s.AccountService).AccountId is var account && active.Contains(account)
                    && (accountId is null || accountId == account))
                .OrderBy(s => s.FoundAt).ThenBy(s => s.AccountService, StringComparer.Ordinal).ThenBy(s => s.Arn, CodePoints.Order)
                .ThenBy(s => Json.Name(s.Change), StringComparer.Ordinal),
        ];
    }

    private async Task<List<(string AccountId, string Region, string Type, long Created, long Changed, long Deleted)>> CountsAsync(
        string organization, string scanId, string? accountId, CancellationToken cancel)
    {
        var items = await store.ListAsync(
            new ItemQuery(StoreTables.State, DriftItems.CountsOf(organization, scanId))
            {
                Prefix = accountId is null ? null : KeyText.Join(accountId, ""),
                Strong = true,
            },
            cancel);
        return
        [
            .. items.Select(item =>
            {
                var key = item.RequiredText(StoreTables.State.Range!).Split(KeyText.Separator);
                long Of(DriftChange change) => item.Number(Json.Name(change)) ?? 0;
                return (key[0], key[1], key[2], Of(DriftChange.Created), Of(DriftChange.Changed), Of(DriftChange.Deleted));
            }),
        ];
    }

    private async Task<HashSet<string>> ActiveAsync(string organization, CancellationToken cancel) =>
        [.. (await accounts.ListAsync(organization, includeRemoved: false, cancel)).Select(a => a.AccountId)];
}
