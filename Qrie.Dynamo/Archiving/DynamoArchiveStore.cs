using Qrie.Domain;
using Qrie.Domain.Archiving;
using Qrie.Domain.Findings;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Findings;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Archiving;

/// <summary>Archives are few. Their findings are read by resource: those of an account_service are found by its resources.</summary>
internal sealed class DynamoArchiveStore(DynamoStore store) : IArchiveStore
{
    /// <summary>The pending archives, one for each organization, reason and account.</summary>
    private const string Pending = "archives-pending";

    private const int ReadAtOnce = 100;

    public Task<bool> AddAsync(Archive archive, CancellationToken cancel) => store.WriteAsync(session => AddAsync(session, archive), cancel);

    public Task SaveAsync(Archive archive, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                var key = KeyOf(archive.Organization, archive.ArchiveId);
                if (await session.FindAsync<Archive>(key) is not { } stored)
                {
                    return;
                }

                await session.PutAsync(key, stored with
                {
                    Status = archive.Status,
                    FinishedAt = archive.FinishedAt,
                    Findings = archive.Findings,
                    Parts = archive.Parts,
                    Bytes = archive.Bytes,
                    Error = archive.Error,
                });
                if (archive.Status != ArchiveStatus.Pending && (await session.GetAsync(PendingKey(stored)))?.Text("ArchiveId") == archive.ArchiveId)
                {
                    session.Delete(PendingKey(stored));
                }
            },
            cancel);

    public Task<Archive?> FindAsync(string organization, string archiveId, CancellationToken cancel) =>
        store.FindAsync<Archive>(KeyOf(organization, archiveId), cancel);

    public Task<Page<Archive>> ListAsync(string organization, PageRequest page, CancellationToken cancel) =>
        store.PageAsync<Archive>(
            new ItemQuery(StoreTables.State, PartitionOf(organization)) { Descending = true, Strong = true }, page.Size, page.After?[0],
            archive => [archive.ArchiveId], null, cancel);

    public async Task<IReadOnlyList<Archive>> ListPendingAsync(CancellationToken cancel)
    {
        var pending = new List<Archive>();
        foreach (var item in await store.ListAsync(new ItemQuery(StoreTables.State, Pending) { Strong = true }, cancel))
        {
            var organization = item.RequiredText(StoreTables.State.Range!).Split(KeyText.Separator)[0];
            if (await FindAsync(organization, item.RequiredText("ArchiveId"), cancel) is { } archive)
            {
                pending.Add(archive);
            }
        }

        return [.. pending.OrderBy(a => a.CreatedAt).ThenBy(a => a.ArchiveId, StringComparer.Ordinal)];
    }

    public async Task<Archive?> FindLastAsync(
        string organization, ArchiveReason reason, string? accountId, DateTimeOffset since, CancellationToken cancel) =>
        (await AllAsync(organization, cancel)).LastOrDefault(a => a.Reason == reason && a.AccountId == accountId && a.CreatedAt >= since);

    public async Task<IReadOnlyList<Archive>> ListFailingAsync(string organization, CancellationToken cancel) =>
    [
        .. (await AllAsync(organization, cancel)).GroupBy(a => (a.Reason, a.AccountId)).Select(g => g.Last()).Where(a => a.Status == ArchiveStatus.Failed)
            .OrderBy(a => a.ArchiveId, StringComparer.Ordinal),
    ];

    public async Task<IReadOnlyList<Finding>> ReadFindingsAsync(
        string organization, string? accountId, Finding? after, int limit, CancellationToken cancel)
    {
        var found = new List<Finding>();
        foreach (var accountService in await AccountServicesAsync(organization, accountId, cancel))
        {
            var order = after is null ? 1 : string.CompareOrdinal(accountService, after.AccountService);
            if (order < 0)
            {
                continue;
            }

            await foreach (var item in RowsAsync(organization, accountService, order == 0 ? after : null, cancel))
            {
                var row = new ResourceItem(organization, item);
                var keys = ResourceVerdicts.PoliciesOf(item)
                    .Where(p => order > 0 || row.ArnText != after!.Arn || string.CompareOrdinal(p, after.PolicyId) > 0)
                    .Select(p => FindingItems.KeyOf(organization, new FindingIdentity(accountService, row.ArnText, p))).ToList();
                var items = keys.Count == 0 ? [] : await store.Calls.BatchGetAsync(keys, strong: true, cancel);
                found.AddRange(items.Values.Select(f => FindingItems.ToFinding(organization, f)).OrderBy(f => f.PolicyId, StringComparer.Ordinal));
                if (found.Count >= limit)
                {
                    return [.. found.Take(limit)];
                }
            }
        }

        return found;
    }

    internal static async Task<bool> AddAsync(WriteSession session, Archive archive)
    {
        if (archive.Status == ArchiveStatus.Pending)
        {
            if (await session.GetAsync(PendingKey(archive)) is not null)
            {
                return false;
            }

            session.Put(PendingKey(archive), new Item().Set("ArchiveId", archive.ArchiveId));
        }

        await session.PutAsync(KeyOf(archive.Organization, archive.ArchiveId), archive);
        return true;
    }

    /// <summary>The resources from that of the last finding on, which may have more.</summary>
    private IAsyncEnumerable<Item> RowsAsync(string organization, string accountService, Finding? after, CancellationToken cancel) =>
        store.Calls.QueryAllAsync(
            new ItemQuery(StoreTables.Resources, ResourceItem.HashKey(organization, accountService)) { From = after?.Arn, Strong = true, Limit = ReadAtOnce },
            cancel);

    private async Task<List<string>> AccountServicesAsync(string organization, string? accountId, CancellationToken cancel) =>
    [
        .. (await store.ListAsync(
            new ItemQuery(StoreTables.State, ResourceWriter.PlacesOf(organization))
            {
                Prefix = accountId is null ? null : AccountService.Of(accountId, ""),
                Strong = true,
            },
            cancel)).Select(item => item.RequiredText(StoreTables.State.Range!).Split(KeyText.Separator)[0]).Distinct().Order(StringComparer.Ordinal),
    ];

    private Task<List<Archive>> AllAsync(string organization, CancellationToken cancel) =>
        store.ListAsync<Archive>(new ItemQuery(StoreTables.State, PartitionOf(organization)) { Strong = true }, cancel);

    internal static string PartitionOf(string organization) => KeyText.Join("archives", organization);

    private static ItemKey KeyOf(string organization, string archiveId) => Documents.Key(PartitionOf(organization), archiveId);

    private static ItemKey PendingKey(Archive archive) =>
        Documents.Key(Pending, KeyText.Join(archive.Organization, Json.Name(archive.Reason), archive.AccountId ?? ""));
}
