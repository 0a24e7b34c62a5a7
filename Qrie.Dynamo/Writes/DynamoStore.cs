using Qrie.Domain.Validation;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;

namespace Qrie.Dynamo.Writes;

/// <summary>Reads, and transactions that begin again until nothing of what they read changes before their end.</summary>
internal sealed class DynamoStore(DynamoCalls calls)
{
    public DynamoCalls Calls => calls;

    public TimeProvider Clock => calls.Clock;

    /// <summary>Runs a transaction.</summary>
    /// <param name="work">May run several times, and must not do anything but read and write by its session.</param>
    public async Task<T> WriteAsync<T>(Func<WriteSession, Task<T>> work, CancellationToken cancel)
    {
        var pause = new Backoff(calls.Clock);
        for (var attempt = 1; attempt <= calls.Settings.MaxConflicts; attempt++)
        {
            var session = new WriteSession(calls, cancel);
            var result = await work(session);
            if (await session.CommitAsync())
            {
                return result;
            }

            await pause.WaitAsync(calls.Settings.RetryFor, "Others kept changing the same items.", cancel);
        }

        throw new StoreUnavailableException($"Others changed the same items {calls.Settings.MaxConflicts} times in a row.");
    }

    /// <summary>Runs a transaction.</summary>
    public Task WriteAsync(Func<WriteSession, Task> work, CancellationToken cancel) => WriteAsync(
        async session =>
        {
            await work(session);
            return true;
        },
        cancel);

    /// <summary>Null if there is none.</summary>
    public Task<Item?> GetAsync(ItemKey key, CancellationToken cancel) => calls.GetAsync(key, strong: true, cancel);

    /// <summary>All items of a partition of <see cref="StoreTables.State"/>, in order.</summary>
    public async Task<List<Item>> ListAsync(ItemQuery query, CancellationToken cancel)
    {
        var items = new List<Item>();
        await foreach (var item in calls.QueryAllAsync(query, cancel))
        {
            items.Add(item);
        }

        return items;
    }
}
