using System.Collections.Concurrent;
using System.Globalization;
using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;
using Qrie.Domain.Work;
using Qrie.Sql.Database;

namespace Qrie.Sql.Replicas;

/// <summary>
/// The replicas of a PostgreSQL store. Every second one statement, on a connection of its own and beside the lock of writers, tells that this one lives,
/// renews its duties, measures the server's clock and counts the others. All times in it are the server's.
/// </summary>
public sealed partial class PostgresReplicas : IReplicas, IAsyncDisposable
{
    /// <summary>A replica without a heartbeat for so long counts as dead.</summary>
    public static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(15);

    /// <summary>How long a duty is kept for a replica that does not renew it.</summary>
    public static readonly TimeSpan DutyLease = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _every = TimeSpan.FromSeconds(1);

    private const string Now = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

    private readonly NpgsqlDataSource _source;
    private readonly PostgresDatabase _database;
    private readonly ServerClock _clock;
    private readonly ILogger<PostgresReplicas> _logger;
    private readonly ConcurrentDictionary<string, Duty> _duties = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _leaving = new();
    private Task _beating = Task.CompletedTask;
    private volatile int _living = 1;

    public PostgresReplicas(PostgresDatabase database, ServerClock clock, ILogger<PostgresReplicas> logger)
    {
        (_database, _clock, _logger) = (database, clock, logger);
        _source = database.CreateSource(connections: 2, commandTimeout: 10);
    }

    public string Id { get; } = Guid.NewGuid().ToString("N");

    public bool IsAlone => false;

    public int Living => _living;

    public async Task JoinAsync(CancellationToken cancel)
    {
        await _database.TranslateAsync(async () =>
        {
            await BeatAsync(cancel);
            return true;
        });
        _beating = BeatAlwaysAsync();
    }

    public Task<IReadOnlyList<Replica>> ListAsync(CancellationToken cancel) => _database.ReadAsync<IReadOnlyList<Replica>>(
        async connection =>
        [
            .. (await connection.QueryAsync<(string Id, string Host, long StartedAt, long SeenAt)>(
                $"SELECT replica_id, host, started_at, seen_at FROM replicas WHERE seen_at > {Now} - {Ms(DeadAfter)} ORDER BY started_at, replica_id"))
            .Select(r => new Replica(r.Id, r.Host, Columns.Time(r.StartedAt), Columns.Time(r.SeenAt))),
        ],
        cancel);

    public async Task<IDuty?> TryTakeAsync(string name, CancellationToken cancel)
    {
        var asked = _clock.GetTimestamp();
        var epoch = await _database.TranslateAsync(async () =>
        {
            await using var connection = await _source.OpenConnectionAsync(cancel);
            return await connection.ExecuteScalarAsync<long?>(
                $"""
                INSERT INTO duties (name, owner, epoch, lease_until) VALUES (@name, @Id, 1, {Now} + {Ms(DutyLease)})
                ON CONFLICT (name) DO UPDATE SET owner = @Id, epoch = duties.epoch + 1, lease_until = {Now} + {Ms(DutyLease)}
                WHERE duties.lease_until < {Now}
                RETURNING epoch
                """,
                new { name, Id });
        });
        if (epoch is null)
        {
            return null;
        }

        var duty = new Duty(this, name, epoch.Value);
        duty.Renewed(asked);
        _duties[name] = duty;
        return duty;
    }

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _beating;
        try
        {
            // Others need not wait until it counts as dead.
            await using var connection = await _source.OpenConnectionAsync();
            await connection.ExecuteAsync("DELETE FROM replicas WHERE replica_id = @Id; DELETE FROM duties WHERE owner = @Id", new { Id });
        }
        catch (NpgsqlException)
        {
            // They will wait.
        }

        await _source.DisposeAsync();
        _leaving.Dispose();
    }

    private async Task BeatAlwaysAsync()
    {
        while (!_leaving.IsCancellationRequested)
        {
            await Task.Delay(_every, _clock, _leaving.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
                Log.NotTold(_logger, e);
            }
        }
    }

    private async Task BeatAsync(CancellationToken cancel)
    {
        await using var connection = await _source.OpenConnectionAsync(cancel);
        var asked = _clock.GetTimestamp();
        var held = _duties.Values.ToDictionary(d => d.Name, d => d.Epoch);
        var (now, living, renewed) = await connection.QueryFirstAsync<(long Now, int Living, string[] Renewed)>(new CommandDefinition(
            $"""
            WITH beat AS (
                INSERT INTO replicas (replica_id, host, started_at, seen_at) VALUES (@Id, @host, {Now}, {Now})
                ON CONFLICT (replica_id) DO UPDATE SET seen_at = {Now}
            ), gone AS (
                DELETE FROM replicas WHERE seen_at < {Now} - {Ms(TimeSpan.FromHours(1))}
            ), renewed AS (
                UPDATE duties SET lease_until = {Now} + {Ms(DutyLease)}
                FROM unnest(@names, @epochs) AS held(name, epoch)
                WHERE duties.name = held.name AND duties.epoch = held.epoch AND duties.owner = @Id AND duties.lease_until >= {Now}
                RETURNING duties.name
            )
            SELECT {Now}, (SELECT count(*)::int FROM replicas WHERE replica_id <> @Id AND seen_at > {Now} - {Ms(DeadAfter)}) + 1,
                   ARRAY(SELECT name FROM renewed)
            """,
            new { Id, host = Environment.MachineName, names = held.Keys.ToArray(), epochs = held.Values.ToArray() }, cancellationToken: cancel));
        _clock.Measured(Columns.Time(now), asked, _clock.GetTimestamp());
        _living = living;
        foreach (var (name, epoch) in held)
        {
            if (_duties.TryGetValue(name, out var duty) && duty.Epoch == epoch)
            {
                duty.Renewed(renewed.Contains(name) ? asked : null);
            }
        }
    }

    private async Task EndAsync(Duty duty)
    {
        _duties.TryRemove(KeyValuePair.Create(duty.Name, duty));
        try
        {
            await using var connection = await _source.OpenConnectionAsync();
            await connection.ExecuteAsync(
                $"UPDATE duties SET lease_until = 0 WHERE name = @Name AND owner = @Id AND epoch = @Epoch", new { duty.Name, Id, duty.Epoch });
        }
        catch (NpgsqlException)
        {
            // Its lease expires.
        }
    }

    private static string Ms(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    /// <summary>The token is cancelled by a timer before the lease ends, so that a process that cannot reach the server stops in time.</summary>
    private sealed class Duty : IDuty
    {
        private readonly PostgresReplicas _owner;
        private readonly CancellationTokenSource _lost = new();
        private readonly ITimer _timer;

        public Duty(PostgresReplicas owner, string name, long epoch)
        {
            (_owner, Name, Epoch) = (owner, name, epoch);
            _timer = owner._clock.CreateTimer(_ => Lose(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Lost = _lost.Token;
        }

        public string Name { get; }

        public long Epoch { get; }

        public CancellationToken Lost { get; }

        /// <param name="since">When the renewal began; null if it was refused.</param>
        public void Renewed(long? since)
        {
            var left = since is { } began ? DutyLease - _owner._clock.GetElapsedTime(began) : TimeSpan.Zero;
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

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Could not tell the other replicas that this one lives; after {Seconds} s they take over its work")]
        private static partial void NotTold(ILogger logger, Exception exception, int seconds);

        public static void NotTold(ILogger logger, Exception exception) => NotTold(logger, exception, (int)DeadAfter.TotalSeconds);
    }
}
