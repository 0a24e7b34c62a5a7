using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Outbox;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Inventory;

/// <summary>
/// Writes described resources: changed ones in transactions with the sequence of their account_service, unchanged ones by an update of the times.
/// </summary>
internal sealed class ResourceWriter(DynamoStore store, OutboxApplier outbox, DriftFinder finder)
{
    private const int ResourcesAtOnce = 60;
    private const int UpdatesAtOnce = 8;

    /// <summary>A configuration that is no longer than this, compressed, keeps the state row within a write unit.</summary>
    public const int InlineBytes = 400;

    /// <summary>Which types there are in which account_services.</summary>
    public static string PlacesOf(string organization) => KeyText.Join("places", organization);

    public static ItemKey SequenceKey(string organization, string accountService) =>
        Documents.Key(KeyText.Join("sequence", ResourceItem.HashKey(organization, accountService)), "sequence");

    public async Task<IReadOnlyList<ResourceWrite>> WriteAsync(
        string organization, IReadOnlyList<CollectedResource> resources, DateTimeOffset now, string? driftOf, CancellationToken cancel)
    {
        var writes = new ResourceWrite[resources.Count];
        var drift = driftOf; // a resource that occurs twice in a batch is drift once
        foreach (var wave in Waves.Of(resources.Select((resource, index) => (resource, index)), r => (AccountServiceOf(r.resource), r.resource.Arn)))
        {
            foreach (var group in wave.GroupBy(r => AccountServiceOf(r.resource)))
            {
                foreach (var some in group.Chunk(ResourcesAtOnce))
                {
                    var left = await TouchAsync(organization, some, writes, cancel);
                    if (left.Count > 0)
                    {
                        await ReplaceAsync(organization, group.Key, left, writes, now, drift, cancel);
                    }
                }
            }

            drift = null;
        }

        return writes;
    }

    /// <summary>Advances the times of unchanged resources, each by one update. Returns the others.</summary>
    private async Task<List<(CollectedResource Resource, int Index)>> TouchAsync(
        string organization, (CollectedResource Resource, int Index)[] resources, ResourceWrite[] writes, CancellationToken cancel)
    {
        var stored = await store.Calls.BatchGetAsync([.. resources.Select(r => KeyOf(organization, r.Resource))], strong: true, cancel);
        var left = new ConcurrentBag<(CollectedResource Resource, int Index)>();
        await Parallel.ForEachAsync(
            resources, new ParallelOptions { MaxDegreeOfParallelism = UpdatesAtOnce, CancellationToken = cancel },
            async (one, stop) =>
            {
                var key = KeyOf(organization, one.Resource);
                var row = stored.GetValueOrDefault(key) is { } item ? new ResourceItem(organization, item) : null;
                if (row?.HashText == one.Resource.Hash && row.IsAlive && row.DescribeTimeMs < one.Resource.DescribeTime.ToUnixTimeMilliseconds()
                    && one.Resource.Volatile.Count == 0 && await TouchAsync(key, one.Resource, stop))
                {
                    writes[one.Index] = new ResourceWrite(WriteOutcome.Unchanged, one.Resource.DescribeTime);
                }
                else
                {
                    left.Add(one);
                }
            });
        return [.. left.OrderBy(one => one.Index)];
    }

    private async Task<bool> TouchAsync(ItemKey key, CollectedResource resource, CancellationToken cancel)
    {
        var at = Item.Value(resource.DescribeTime.ToUnixTimeMilliseconds());
        var write = ItemWrite.Change(
            key, new Dictionary<string, Amazon.DynamoDBv2.Model.AttributeValue> { [ResourceItem.DescribeTime] = at, [ResourceItem.LastSeen] = at },
            new Dictionary<string, long> { [Item.Version] = 1 }, [ResourceItem.AbsentSince]);
        write.If($"{write.Name(ResourceItem.Hash)} = {write.Value(Item.Value(resource.Hash))}")
            .If($"{write.Name(ResourceItem.DescribeTime)} < {write.Value(at)}");
        try
        {
            await store.Calls.WriteAsync(write, cancel);
            return true;
        }
        catch (WriteRefusedException)
        {
            return false;
        }
    }

    private async Task ReplaceAsync(
        string organization, string accountService, List<(CollectedResource Resource, int Index)> resources, ResourceWrite[] writes, DateTimeOffset now,
        string? driftOf, CancellationToken cancel)
    {
        var rows = await store.WriteAsync(
            async session =>
            {
                var sequence = SequenceKey(organization, accountService);
                await session.LoadAsync(resources.Select(r => KeyOf(organization, r.Resource)).Append(sequence));
                var batch = new OutboxBatch(organization) { ScanId = driftOf };
                var next = ((await session.GetAsync(sequence))?.Number(ResourceItem.ChangeSeq) ?? 0) + 1;
                var changed = false;
                foreach (var (resource, index) in resources)
                {
                    writes[index] = await ReplaceAsync(session, organization, resource, now, next, batch);
                    changed |= writes[index].Outcome is WriteOutcome.Created or WriteOutcome.Changed;
                }

                if (changed)
                {
                    session.Put(sequence, new Item().Set(ResourceItem.ChangeSeq, next));
                }

                return await batch.SaveAsync(session, now);
            },
            cancel);
        await outbox.ApplyAsync(organization, rows, cancel);
    }

    private async Task<ResourceWrite> ReplaceAsync(
        WriteSession session, string organization, CollectedResource resource, DateTimeOffset now, long sequence, OutboxBatch batch)
    {
        var key = KeyOf(organization, resource);
        var before = await session.GetAsync(key) is { } item ? new ResourceItem(organization, item) : null;
        var order = before is null ? -1 : Order(before, resource);
        if (order >= 0)
        {
            return new ResourceWrite(order == 0 ? WriteOutcome.Repeated : WriteOutcome.RefusedAsOlder, before!.Item.RequiredTime(ResourceItem.DescribeTime));
        }

        var (text, size) = TextOf(resource);
        if (before is not null && before.IsAlive && before.HashText == resource.Hash)
        {
            var seen = before.Item.Copy().Set(ResourceItem.DescribeTime, resource.DescribeTime).Set(ResourceItem.LastSeen, resource.DescribeTime)
                .Set(ResourceItem.AbsentSince, (long?)null);
            if (resource.Volatile.Count > 0)
            {
                LargeText.Set(session, key, seen.Set(ResourceItem.SizeOf, size), before.Item, ResourceItem.Configuration, text, InlineBytes);
            }

            session.Put(key, seen);
            return new ResourceWrite(WriteOutcome.Unchanged, resource.DescribeTime);
        }

        var outcome = before is null or { IsAlive: false } ? WriteOutcome.Created : WriteOutcome.Changed;
        if (batch.ScanId is not null)
        {
            await finder.AddAsync(batch, organization, before, resource, outcome, now, session.Cancel);
        }

        var after = ResourceItem.Of(organization, resource, before, now, sequence, size);
        LargeText.Set(session, key, after, before?.Item, ResourceItem.Configuration, text, InlineBytes);
        session.Put(key, after);
        var row = new ResourceItem(organization, after);
        InventoryCounts.Replace(batch, before, row);
        if (before is null)
        {
            Know(session, organization, row.AccountServiceName, row.TypeText);
        }

        Index(session, organization, before, row, batch);
        return new ResourceWrite(outcome, resource.DescribeTime);
    }

    /// <summary>Lists look only where a type is known. Called for new resources; a purge deletes what is known.</summary>
    public static void Know(WriteSession session, string organization, string accountService, string type) =>
        session.Before(ItemWrite.Put(Documents.Key(PlacesOf(organization), KeyText.Join(accountService, type)), new Item()));

    /// <summary>Replaces the rows by which a resource is found, and notes which lookups have other results now.</summary>
    public static void Index(WriteSession session, string organization, ResourceItem? before, ResourceItem after, OutboxBatch batch)
    {
        var (old, now) = (PartitionsOf(organization, before), PartitionsOf(organization, after));
        var version = after.VersionOrZero;
        foreach (var partition in now)
        {
            session.Before(LookupItems.Row(partition, after.AccountServiceName, after.ArnText, version));
        }

        foreach (var partition in old.Except(now))
        {
            session.After(LookupItems.RemoveRow(partition, after.AccountServiceName, after.ArnText, version));
        }

        foreach (var key in (before?.LookupKeys ?? []).Concat(after.LookupKeys))
        {
            batch.Changed(after.TypeText, key.Key, key.Value);
        }
    }

    /// <summary>The raw text: to write texts anew would fail at half a surrogate pair, which AWS may return.</summary>
    private static (string Text, int Size) TextOf(CollectedResource resource)
    {
        var json = JsonMarshal.GetRawUtf8Value(resource.Configuration);
        return (System.Text.Encoding.UTF8.GetString(json), json.Length);
    }

    private static HashSet<string> PartitionsOf(string organization, ResourceItem? row) => row is null
        ? []
        : LookupItems.PartitionsOf(organization, row.AccountServiceName, row.TypeText, row.LookupKeys, row.TagsOrNull);

    private static int Order(ResourceItem one, CollectedResource other)
    {
        var at = other.DescribeTime.ToUnixTimeMilliseconds();
        return one.DescribeTimeMs != at ? one.DescribeTimeMs.CompareTo(at) : string.CompareOrdinal(one.HashText, other.Hash);
    }

    private static string AccountServiceOf(CollectedResource resource) => AccountService.Of(resource.AccountId, resource.Service);

    private static ItemKey KeyOf(string organization, CollectedResource resource) =>
        ResourceItem.KeyOf(organization, AccountServiceOf(resource), resource.Arn);
}
