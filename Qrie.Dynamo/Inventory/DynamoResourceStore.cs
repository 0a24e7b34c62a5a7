using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Dynamo.Alerts;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Findings;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Outbox;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Inventory;

internal sealed class DynamoResourceStore(
    DynamoStore store, ResourceWriter writer, ResourceReader reader, LookupReader lookups, VerdictWriter verdicts, OutboxApplier outbox, DriftFinder drift,
    IAccountStore accounts, AlertRuleItems rules) : IResourceStore
{
    private const int DeletionsAtOnce = 30;

    /// <summary>Leaves room for the rows of the outbox.</summary>
    private const int ItemsAtOnce = Limits.Transaction - 15;

    private const int KeysAtOnce = 50;
    private const int UpdatesAtOnce = 8;

    private readonly ResourceList _list = new(store, reader);

    public Task<IReadOnlyList<ResourceWrite>> WriteAsync(
        string organization, IReadOnlyList<CollectedResource> resources, DateTimeOffset now, string? driftOf, CancellationToken cancel) =>
        writer.WriteAsync(organization, resources, now, driftOf, cancel);

    public async Task<IReadOnlyList<string>> DeleteAsync(
        string organization, IReadOnlyList<ResourceDeletion> deletions, DateTimeOffset now, string? driftOf, CancellationToken cancel)
    {
        var gone = new List<string>();
        foreach (var wave in Waves.Of(deletions, d => (d.AccountService, d.Arn)))
        {
            for (var at = 0; at < wave.Count;)
            {
                var some = wave.Skip(at).Take(DeletionsAtOnce).ToList();
                var (done, arns, resolved, rows) = await store.WriteAsync(session => DeleteAsync(session, organization, some, now, driftOf), cancel);
                await outbox.ApplyAsync(organization, rows, cancel);
                FindingTelemetry.Changed(0, resolved);
                gone.AddRange(arns);
                at += done;
            }
        }

        return gone;
    }

    public async Task<IReadOnlyList<AbsentResource>> FindAbsentAsync(
        string organization, ListScope scope, DateTimeOffset listBegan, string? afterArn, int limit, CancellationToken cancel)
    {
        var accountService = AccountServiceOf(scope);
        var began = listBegan.ToUnixTimeMilliseconds();
        var absent = new List<AbsentResource>();
        var query = new ItemQuery(StoreTables.Resources, ResourceItem.HashKey(organization, accountService))
        {
            Strong = true,
            After = string.IsNullOrEmpty(afterArn) ? null : ResourceItem.KeyOf(organization, accountService, afterArn).ToAttributes(),
        };
        await foreach (var item in store.Calls.QueryAllAsync(query, cancel))
        {
            var row = new ResourceItem(organization, item);
            if (row.IsAlive && row.TypeText == scope.Type && row.ListedInText == scope.ListedIn && row.DescribeTimeMs < began && row.LastSeenMs < began)
            {
                absent.Add(row.ToAbsent());
                if (absent.Count == limit)
                {
                    break;
                }
            }
        }

        return absent;
    }

    public Task MarkAbsentAsync(
        string organization, string accountService, IReadOnlyList<string> arns, DateTimeOffset listBegan, CancellationToken cancel) =>
        Parallel.ForEachAsync(
            arns, new ParallelOptions { MaxDegreeOfParallelism = UpdatesAtOnce, CancellationToken = cancel },
            async (arn, stop) =>
            {
                var began = Item.Value(listBegan.ToUnixTimeMilliseconds());
                var write = ItemWrite.Change(
                    ResourceItem.KeyOf(organization, accountService, arn),
                    new Dictionary<string, Amazon.DynamoDBv2.Model.AttributeValue> { [ResourceItem.AbsentSince] = began },
                    new Dictionary<string, long> { [Item.Version] = 1 });
                write.If($"attribute_not_exists({write.Name(ResourceItem.AbsentSince)})")
                    .If($"{write.Name(ResourceItem.DescribeTime)} < {write.Value(began)}")
                    .If($"{write.Name(ResourceItem.Hash)} <> {write.Value(Item.Value(""))}");
                try
                {
                    await store.Calls.WriteAsync(write, stop);
                }
                catch (WriteRefusedException)
                {
                    // It was seen since, is deleted, or was absent before.
                }
            });

    public async Task<long> CountAsync(string organization, ListScope scope, CancellationToken cancel)
    {
        var n = 0L;
        await foreach (var _ in store.Calls.QueryAllAsync(
            new ItemQuery(StoreTables.Resources, ResourceItem.HashKey(organization, AccountServiceOf(scope)))
            {
                Index = StoreTables.Resources.Index("ByList"),
                Prefix = ResourceItem.ListKey(scope.Type, scope.ListedIn, ""),
                Strong = true,
            },
            cancel))
        {
            n++;
        }

        return n;
    }

    public async Task<StoredResource?> FindAsync(string organization, string accountService, string arn, CancellationToken cancel) =>
        await reader.FindAsync(organization, accountService, arn, cancel) is { } row ? await reader.WithConfigurationAsync(row, cancel) : null;

    public async Task<IReadOnlyList<StoredResource>> FindByArnAsync(string organization, string arn, CancellationToken cancel)
    {
        var found = await store.ListAsync(
            new ItemQuery(StoreTables.Resources, ResourceItem.ArnKey(organization, arn)) { Index = StoreTables.Resources.Index("ByArn") }, cancel);
        var rows = await reader.FindAllAsync(
            organization, found.Select(item => (KeyText.Unscoped(organization, item.RequiredText(StoreTables.Resources.Hash)), arn)), cancel);
        return await reader.WithConfigurationsAsync([.. rows.OrderBy(r => r.AccountServiceName, StringComparer.Ordinal)], cancel);
    }

    public async Task<StoredResource?> FindByIdAsync(string organization, ListScope scope, string id, CancellationToken cancel)
    {
        var key = ResourceItem.IdKey(scope.Type, id);
        var found = await store.ListAsync(
            new ItemQuery(StoreTables.Resources, ResourceItem.HashKey(organization, AccountServiceOf(scope)))
            {
                Index = StoreTables.Resources.Index("ById"),
                From = key,
                To = key,
                Strong = true,
            },
            cancel);
        var items = found.Count == 0
            ? []
            : await store.Calls.BatchGetAsync([.. found.Select(item => ItemKey.Of(StoreTables.Resources, item))], strong: true, cancel);
        return items.Values.Select(item => new ResourceItem(organization, item))
            .FirstOrDefault(r => r.IsAlive && r.IdText == id && r.TypeText == scope.Type && r.ListedInText == scope.ListedIn)?.ToResource(null);
    }

    public Task<LookupResult> LookUpAsync(string organization, Lookup lookup, CancellationToken cancel) => lookups.AnswerAsync(organization, lookup, cancel);

    public async Task WriteKeysAsync(
        string organization, IReadOnlyList<(StoredResource Resource, IReadOnlyList<LookupKey> Keys)> keys, CancellationToken cancel)
    {
        foreach (var some in keys.Chunk(KeysAtOnce))
        {
            var rows = await store.WriteAsync(
                async session =>
                {
                    var batch = new OutboxBatch(organization);
                    await session.LoadAsync(some.Select(k => ResourceItem.KeyOf(organization, k.Resource.AccountService, k.Resource.Arn)));
                    foreach (var (resource, own) in some)
                    {
                        var key = ResourceItem.KeyOf(organization, resource.AccountService, resource.Arn);
                        if (await session.GetAsync(key) is { } item && new ResourceItem(organization, item) is { IsAlive: true } before)
                        {
                            var after = before.WithKeys(own);
                            session.Put(key, after);
                            ResourceWriter.Index(session, organization, before, new ResourceItem(organization, after), batch);
                        }
                    }

                    return await batch.SaveAsync(session, store.Clock.GetUtcNow());
                },
                cancel);
            await outbox.ApplyAsync(organization, rows, cancel);
        }
    }

    public async Task<Page<StoredResource>> ListAsync(string organization, ResourceFilter filter, PageRequest page, CancellationToken cancel)
    {
        var active = filter.IncludeRemoved
            ? new HashSet<string>()
            : (await accounts.ListAsync(organization, includeRemoved: false, cancel)).Select(a => a.AccountId).ToHashSet();
        return await _list.ReadAsync(organization, filter, active, page, cancel);
    }

    /// <summary>Returns how many of the deletions were looked at: as many as a transaction has room for.</summary>
    private async Task<(int Done, List<string> Gone, int Resolved, List<ItemKey> Rows)> DeleteAsync(
        WriteSession session, string organization, List<ResourceDeletion> deletions, DateTimeOffset now, string? driftOf)
    {
        var (batch, gone, resolved, done) = (new OutboxBatch(organization) { ScanId = driftOf }, new List<string>(), 0, 0);
        var stored = await ResourceVerdicts.LoadAsync(session, organization, [.. deletions.Select(d => (d.AccountService, d.Arn))]);
        foreach (var deletion in deletions)
        {
            var target = stored.GetValueOrDefault((deletion.AccountService, deletion.Arn));
            // A finding, and an entry if something was noted about it.
            var atMost = 1 + (2 * (target?.Findings.Count ?? 0));
            if (done > 0 && session.Count + atMost > ItemsAtOnce)
            {
                break;
            }

            done++;
            var key = ResourceItem.KeyOf(organization, deletion.AccountService, deletion.Arn);
            if (target?.Row.DescribeTimeMs >= deletion.At.ToUnixTimeMilliseconds())
            {
                continue;
            }

            if (target is null)
            {
                ResourceWriter.Know(session, organization, deletion.AccountService, deletion.Type);
            }

            var tombstone = ResourceItem.Tombstone(organization, deletion, target?.Row);
            if (target is not { Row.IsAlive: true })
            {
                session.Put(key, tombstone);
                continue;
            }

            resolved += await verdicts.ForgetAsync(session, target, batch, now);
            target.Save(session, batch, tombstone);
            var after = new ResourceItem(organization, tombstone);
            InventoryCounts.Replace(batch, target.Row, after);
            ResourceWriter.Index(session, organization, target.Row, after, batch);
            if (driftOf is not null)
            {
                await drift.AddAsync(batch, organization, deletion, now, session.Cancel);
            }

            gone.Add(deletion.Arn);
        }

        return (done, gone, resolved, await batch.SaveAsync(session, now, await rules.WantedAsync(organization, session.Cancel)));
    }

    private static string AccountServiceOf(ListScope scope) => AccountService.Of(scope.AccountId, scope.Service);
}
