using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Qrie.Domain.Work;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Replicas;

/// <summary>
/// The replicas of a DynamoDB store. DynamoDB has no server clock: whether another replica is alive, or performs its duty, is determined by whether its item
/// changes, measured with the monotonic clock of the observer, so that the clocks of the machines do not matter here.
/// </summary>
internal sealed partial class DynamoReplicas(DynamoStore store, ILogger<DynamoReplicas> logger) : IReplicas, IAsyncDisposable
{
    /// <summary>A replica whose item has not changed for so long counts as dead.</summary>
    public static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(15);

    /// <summary>How long a duty is kept for a replica that does not renew it.</summary>
    public static readonly TimeSpan DutyLease = TimeSpan.FromSeconds(30);

    private const string Owner = "Owner";

    private static readonly TimeSpan s_forgotten = TimeSpan.FromDays(1);

    private readonly DateTimeOffset _startedAt = store.Clock.GetUtcNow();
    private readonly ConcurrentDictionary<string, Duty> _duties = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Seen, long Since)> _seen = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _leaving = new();
    private Task _beating = Task.CompletedTask;
    private long _beat;
    private volatile int _living = 1;

    public string Id { get; } = Guid.NewGuid().ToString("N");

    public bool IsAlone => false;

    public int Living => _living;

    public async Task JoinAsync(CancellationToken cancel)
    {
        await BeatAsync(cancel);
        _beating = BeatAlwaysAsync();
    }

    public async Task<IReadOnlyList<Replica>> ListAsync(CancellationToken cancel)
    {
        var replicas = new List<Replica>();
        await foreach (var item in store.Calls.QueryAllAsync(new ItemQuery(StoreTables.State, ReplicaItems.Partition) { Strong = true }, cancel))
        {
            if (await Documents.ReadAsync<Replica>(store.Calls, ItemKey.Of(StoreTables.State, item), item, cancel) is { } replica
                && (replica.Id == Id || Unchanged($"replica {replica.Id}", KeyText.Of(ReplicaItems.BeatOf(item))) <= DeadAfter))
            {
                replicas.Add(replica);
            }
        }

        return [.. replicas.OrderBy(r => r.StartedAt).ThenBy(r => r.Id, StringComparer.Ordinal)];
    }

    public async Task<IDuty?> TryTakeAsync(string name, CancellationToken cancel)
    {
        var asked = store.Clock.GetTimestamp();
        var taken = await store.WriteAsync(
            async session =>
            {
                var key = KeyOf(name);
                var stored = await session.GetAsync(key);
                if (stored?.Text(Owner) is { } owner && Unchanged($"duty {name}", $"{owner} {stored.Number(Item.Version)}") <= DutyLease)
                {
                    return false;
                }

                session.Put(key, new Item().Set(Owner, Id));
                return true;
            },
            cancel);
        if (!taken)
        {
            return null;
        }

        var duty = new Duty(this, name);
        duty.Renewed(asked);
        _duties[name] = duty;
        return duty;
    }

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _beating;
        if (_beat == 0)
        {
            _leaving.Dispose();
            return; // it never joined
        }

        try
        {
            // Others need not wait until it counts as dead.
            await store.Calls.BatchWriteAsync([ItemWrite.Delete(ReplicaItems.KeyOf(Id))], CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.NotTold(logger, e);
        }

        _leaving.Dispose();
    }

    private async Task BeatAlwaysAsync()
    {
        while (!_leaving.IsCancellationRequested)
        {
            await Task.Delay(ReplicaItems.Every, store.Clock, _leaving.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await BeatAsync(_leaving.Token);
            }
            catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Log.NotTold(logger, e);
            }
        }
    }

    private async Task BeatAsync(CancellationToken cancel)
    {
        var now = store.Clock.GetUtcNow();
        var own = Documents.New(ReplicaItems.KeyOf(Id), new Replica(Id, Environment.MachineName, _startedAt, now));
        own.Item!.Set(ReplicaItems.Beat, ++_beat).Expire(now + s_forgotten);
        await store.Calls.WriteAsync(own, cancel);
        _living = Math.Max(1, (await ListAsync(cancel)).Count);
        foreach (var duty in _duties.Values)
        {
            var asked = store.Clock.GetTimestamp();
            var renewed = await store.WriteAsync(
                async session =>
                {
                    var key = KeyOf(duty.Name);
                    if ((await session.GetAsync(key))?.Text(Owner) != Id)
                    {
                        return false;
                    }

                    session.Put(key, new Item().Set(Owner, Id));
                    return true;
                },
                cancel);
            duty.Renewed(renewed ? asked : null);
        }
    }

    private async Task EndAsync(Duty duty)
    {
        _duties.TryRemove(KeyValuePair.Create(duty.Name, duty));
        try
        {
            await store.WriteAsync(
                async session =>
                {
                    if ((await session.GetAsync(KeyOf(duty.Name)))?.Text(Owner) == Id)
                    {
                        session.Put(KeyOf(duty.Name), new Item());
                    }
                },
                CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.NotTold(logger, e); // its lease expires
        }
    }

    /// <summary>For how long a value has been seen without a change; zero when it is seen the first time.</summary>
    private TimeSpan Unchanged(string what, string value)
    {
        var seen = _seen.AddOrUpdate(
            what, _ => (value, store.Clock.GetTimestamp()), (_, known) => known.Seen == value ? known : (value, store.Clock.GetTimestamp()));
        return store.Clock.GetElapsedTime(seen.Since);
    }

    private static ItemKey KeyOf(string name) => Documents.Key("duties", name);

    /// <summary>The token is cancelled by a timer before the lease ends, so that a process that cannot reach DynamoDB stops in time.</summary>
    private sealed class Duty : IDuty
    {
        private readonly DynamoReplicas _owner;
        private readonly TimeProvider _clock;
        private readonly CancellationTokenSource _lost = new();
        private readonly ITimer _timer;

        public Duty(DynamoReplicas owner, string name)
        {
            (_owner, Name, _clock) = (owner, name, owner.Clock);
            _timer = _clock.CreateTimer(_ => Lose(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Lost = _lost.Token;
        }

        public string Name { get; }

        public CancellationToken Lost { get; }

        /// <param name="since">When the renewal began; null if it was refused.</param>
        public void Renewed(long? since)
        {
            var left = since is { } began ? DutyLease - _clock.GetElapsedTime(began) : TimeSpan.Zero;
            if (left <= TimeSpan.Zero)
            {
                Lose();
            }
            else
            {
                _timer.Change(left, Timeout.InfiniteTimeSpan);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _timer.DisposeAsync();
            await _owner.EndAsync(this);
            _lost.Dispose();
        }

        private void Lose()
        {
            try
            {
                _lost.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It ended meanwhile.
            }
        }
    }

    private TimeProvider Clock => store.Clock;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Could not renew this replica's heartbeat; the other replicas take over its work")]
        public static partial void NotTold(ILogger logger, Exception exception);
    }
}
