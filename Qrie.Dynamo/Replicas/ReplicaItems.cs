using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Replicas;

/// <summary>The items of replicas, each of which changes its own all the time.</summary>
internal static class ReplicaItems
{
    public const string Partition = "replicas";

    public const string Beat = "Beat";

    /// <summary>How often it changes.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <summary>Longer than a living replica needs, even if requests are slow.</summary>
    private static readonly TimeSpan s_watched = TimeSpan.FromSeconds(8);

    public static ItemKey KeyOf(string replicaId) => Documents.Key(Partition, replicaId);

    public static long BeatOf(Item replica) => replica.Number(Beat) ?? 0;

    /// <summary>Whether any replica uses the store. What a dead one left takes a few seconds to tell from a living one.</summary>
    public static async Task<bool> AnyBeatsAsync(DynamoStore store, CancellationToken cancel)
    {
        var before = await ReadAsync(store, cancel);
        if (before.Count == 0)
        {
            return false;
        }

        for (var began = store.Clock.GetTimestamp(); store.Clock.GetElapsedTime(began) < s_watched;)
        {
            await Task.Delay(Every, store.Clock, cancel);
            if ((await ReadAsync(store, cancel)).Any(replica => before.GetValueOrDefault(replica.Key) != replica.Value))
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<Dictionary<string, long>> ReadAsync(DynamoStore store, CancellationToken cancel) =>
        (await store.ListAsync(new ItemQuery(StoreTables.State, Partition) { Strong = true }, cancel))
        .ToDictionary(item => item.RequiredText(StoreTables.State.Range!), BeatOf);
}
