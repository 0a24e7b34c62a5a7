using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Counts;

/// <summary>
/// Counts that are kept with writes: an item for each account and group (a policy, a resource type, a service), and the same of all accounts together. Each is
/// a partition of its own, so that a reader needs one query.
/// </summary>
internal sealed class CounterItems(DynamoStore store)
{
    /// <summary>All accounts together, removed ones included: readers take those off again.</summary>
    public const string AllAccounts = "*";

    /// <summary>Which shard of all accounts this process adds to.</summary>
    private readonly int _shard = System.Security.Cryptography.RandomNumberGenerator.GetInt32(Math.Max(1, store.Calls.Settings.CounterShards));

    /// <summary>The items to which a delta of an account is added.</summary>
    public ItemKey[] KeysOf(string organization, string accountId, string group) =>
        [KeyOf(organization, accountId, 0, group), KeyOf(organization, AllAccounts, _shard, group)];

    /// <summary>Adds to an account and to all accounts, in a transaction.</summary>
    public void Increase(WriteSession session, string organization, string accountId, string group, string name, long by)
    {
        if (by != 0)
        {
            foreach (var key in KeysOf(organization, accountId, group))
            {
                session.Increase(key, name, by);
            }
        }
    }

    /// <summary>The counts that are not zero.</summary>
    /// <param name="accountId">Or <see cref="AllAccounts"/>.</param>
    /// <param name="groupPrefix">The kind of groups to read.</param>
    public async Task<List<Counter>> ReadAsync(string organization, string accountId, string groupPrefix, CancellationToken cancel)
    {
        var counts = new Dictionary<(string Group, string Name), long>();
        for (var shard = 0; shard < (accountId == AllAccounts ? Math.Max(1, store.Calls.Settings.CounterShards) : 1); shard++)
        {
            var query = new ItemQuery(StoreTables.State, PartitionOf(organization, accountId, shard)) { Prefix = groupPrefix, Strong = true };
            await foreach (var item in store.Calls.QueryAllAsync(query, cancel))
            {
                foreach (var (name, value) in item.Attributes)
                {
                    if (value.N is not null)
                    {
                        var key = (item.RequiredText(StoreTables.State.Range!), name);
                        counts[key] = counts.GetValueOrDefault(key) + item.RequiredNumber(name);
                    }
                }
            }
        }

        return [.. counts.Where(c => c.Value != 0).Select(c => new Counter(c.Key.Group, c.Key.Name, c.Value))];
    }

    /// <summary>The counts of accounts that are in use: of all, less those of the accounts that are not.</summary>
    /// <param name="removed">The accounts that are not active.</param>
    public async Task<List<Counter>> ReadActiveAsync(string organization, IEnumerable<string> removed, string groupPrefix, CancellationToken cancel)
    {
        var sums = (await ReadAsync(organization, AllAccounts, groupPrefix, cancel)).ToDictionary(c => (c.Group, c.Name), c => c.N);
        foreach (var accountId in removed)
        {
            foreach (var counter in await ReadAsync(organization, accountId, groupPrefix, cancel))
            {
                sums[(counter.Group, counter.Name)] = sums.GetValueOrDefault((counter.Group, counter.Name)) - counter.N;
            }
        }

        return [.. sums.Where(s => s.Value != 0).Select(s => new Counter(s.Key.Group, s.Key.Name, s.Value))];
    }

    internal static ItemKey KeyOf(string organization, string accountId, int shard, string group) =>
        Documents.Key(PartitionOf(organization, accountId, shard), group);

    /// <summary>Takes a group of an account off that of all accounts, and deletes it.</summary>
    public async Task RemoveAsync(WriteSession session, string organization, string accountId, string group)
    {
        session.IsRepeatable = true;
        var own = KeyOf(organization, accountId, 0, group);
        if (await session.GetAsync(own) is { } item)
        {
            foreach (var (name, value) in item.Attributes)
            {
                if (value.N is not null)
                {
                    session.Increase(KeyOf(organization, AllAccounts, _shard, group), name, -item.RequiredNumber(name));
                }
            }

            session.DeleteIf(own, item);
        }
    }

    public static string PartitionOf(string organization, string accountId, int shard) => accountId == AllAccounts && shard > 0
        ? KeyText.Join("counts", organization, accountId, KeyText.Of(shard))
        : KeyText.Join("counts", organization, accountId);
}

/// <summary>A count.</summary>
/// <param name="Group">With its kind: <c>type/AWS::S3::Bucket</c>.</param>
internal sealed record Counter(string Group, string Name, long N);
