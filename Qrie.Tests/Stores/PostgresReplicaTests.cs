using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain.Work;
using Qrie.Sql.Database;
using Qrie.Sql.Replicas;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Replicas of one store: heartbeats, duties, the common clock.</summary>
public sealed class PostgresReplicaTests : IAsyncLifetime
{
    private readonly List<PostgresDatabase> _databases = [];
    private string _connection = "";

    public async ValueTask InitializeAsync() => _connection = await PostgresServer.CreateDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _databases)
        {
            await database.DisposeAsync();
        }
    }

    [Fact]
    public async Task Replicas_know_each_other_until_they_leave()
    {
        await using var first = await JoinAsync();
        (first.Living, first.IsAlone).ShouldBe((1, false));
        var second = await JoinAsync();
        second.Living.ShouldBe(2);
        await UntilAsync(() => Task.FromResult(first.Living == 2));
        (await first.ListAsync(default)).Select(r => r.Id).ShouldBe([first.Id, second.Id]);

        await second.DisposeAsync();

        await UntilAsync(() => Task.FromResult(first.Living == 1));
        (await first.ListAsync(default)).Single().Host.ShouldBe(Environment.MachineName);
    }

    [Fact]
    public async Task A_replica_without_a_heartbeat_does_not_count()
    {
        await using var first = await JoinAsync();
        await PostgresServer.ExecuteAsync(
            _connection, "INSERT INTO replicas VALUES ('killed', 'host', 0, (extract(epoch FROM clock_timestamp()) * 1000)::bigint - 16000)");

        (await first.ListAsync(default)).Select(r => r.Id).ShouldBe([first.Id]);
        await using var second = await JoinAsync();
        second.Living.ShouldBe(2);
    }

    [Fact]
    public async Task One_replica_at_a_time_has_a_duty()
    {
        await using var first = await JoinAsync();
        await using var second = await JoinAsync();
        await using (var duty = await first.TryTakeAsync("exports", default))
        {
            duty.ShouldNotBeNull();
            (await second.TryTakeAsync("exports", default)).ShouldBeNull();
            (await first.TryTakeAsync("exports", default)).ShouldBeNull();
            await using var other = await second.TryTakeAsync("archives", default);
            other.ShouldNotBeNull();
            duty.Lost.IsCancellationRequested.ShouldBeFalse();
        }

        await using var next = await second.TryTakeAsync("exports", default);
        next.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_duty_is_renewed_while_it_is_held()
    {
        await using var replica = await JoinAsync();
        await using var duty = await replica.TryTakeAsync("exports", default);
        var before = await LeaseAsync();

        await UntilAsync(async () => await LeaseAsync() > before);

        duty!.Lost.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task A_duty_whose_lease_expired_is_taken_over_and_its_former_owner_stops()
    {
        await using var stopped = await JoinAsync();
        await using var other = await JoinAsync();
        await using var lost = await stopped.TryTakeAsync("exports", default);
        await PostgresServer.ExecuteAsync(_connection, "UPDATE duties SET lease_until = 0");
        var ended = new TaskCompletionSource();
        await using var registration = lost!.Lost.Register(ended.SetResult);

        await using var taken = await other.TryTakeAsync("exports", default);

        taken.ShouldNotBeNull();
        await ended.Task.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, default);
        await lost.DisposeAsync();
        (await stopped.TryTakeAsync("exports", default)).ShouldBeNull("the former owner must not end the duty of the new one");
    }

    [Fact]
    public async Task Work_of_a_lost_duty_is_stopped()
    {
        await using var replica = await JoinAsync();

        (await replica.DoAsync(
            "exports",
            async token =>
            {
                await PostgresServer.ExecuteAsync(_connection, "UPDATE duties SET lease_until = 0");
                await Task.Delay(TimeSpan.FromMinutes(1), TimeProvider.System, token);
            },
            default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Replicas_whose_clocks_differ_by_ten_minutes_have_the_time_of_the_server()
    {
        var (ahead, behind) = (new ServerClock(new OffsetClock(TimeSpan.FromMinutes(5))), new ServerClock(new OffsetClock(TimeSpan.FromMinutes(-5))));
        await using var first = await JoinAsync(ahead);
        await using var second = await JoinAsync(behind);

        (ahead.GetUtcNow() - behind.GetUtcNow()).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(1));
        (ahead.GetUtcNow() - TimeProvider.System.GetUtcNow()).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(1)); // of this machine
    }

    private async Task<PostgresReplicas> JoinAsync(ServerClock? clock = null)
    {
        var database = PostgresDatabase.Open(_connection);
        _databases.Add(database);
        var replica = new PostgresReplicas(database, clock ?? new ServerClock(TimeProvider.System), NullLogger<PostgresReplicas>.Instance);
        await replica.JoinAsync(default);
        return replica;
    }

    private Task<long> LeaseAsync() =>
        _databases[0].ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT lease_until FROM duties"), default);

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1), TimeProvider.System);
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
        }
    }
}
