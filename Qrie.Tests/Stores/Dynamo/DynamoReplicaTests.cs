using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain;
using Qrie.Dynamo.Replicas;
using Qrie.Dynamo.Writes;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores.Dynamo;

/// <summary>Replicas of one store, each with its own clock: what they know of each other follows from changes of items alone.</summary>
public sealed class DynamoReplicaTests : IAsyncLifetime
{
    private readonly List<ServiceProvider> _services = [];
    private readonly Qrie.Dynamo.DynamoSettings _settings = DynamoServer.NewSettings();

    private static CancellationToken None => CancellationToken.None;

    public async ValueTask InitializeAsync()
    {
        await (await ServicesAsync(TimeProvider.System)).GetRequiredService<IInstallation>().PrepareAsync(None);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var services in _services)
        {
            await services.DisposeAsync();
        }
    }

    [Fact]
    public async Task One_replica_at_a_time_has_a_duty()
    {
        var (first, second) = (await ReplicaAsync(new FakeClock()), await ReplicaAsync(new FakeClock(Some.At(-3600))));
        await using (await first.TryTakeAsync("exports", None))
        {
            (await second.TryTakeAsync("exports", None)).ShouldBeNull();
            (await second.TryTakeAsync("purges", None)).ShouldNotBeNull();
        }

        (await second.TryTakeAsync("exports", None)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_duty_that_is_not_renewed_is_lost_and_taken_over()
    {
        var (firstClock, secondClock) = (new FakeClock(), new FakeClock(Some.At(3600)));
        var (first, second) = (await ReplicaAsync(firstClock), await ReplicaAsync(secondClock));
        var duty = (await first.TryTakeAsync("exports", None))!;

        (await second.TryTakeAsync("exports", None)).ShouldBeNull();
        secondClock.Advance(DynamoReplicas.DutyLease);
        (await second.TryTakeAsync("exports", None)).ShouldBeNull();
        secondClock.Advance(TimeSpan.FromSeconds(1));
        (await second.TryTakeAsync("exports", None)).ShouldNotBeNull();

        duty.Lost.IsCancellationRequested.ShouldBeFalse();
        firstClock.Advance(DynamoReplicas.DutyLease);
        duty.Lost.IsCancellationRequested.ShouldBeTrue();
        await duty.DisposeAsync();
        (await first.TryTakeAsync("exports", None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_replica_whose_item_does_not_change_counts_as_dead()
    {
        var clock = new FakeClock();
        var (first, second) = (await ReplicaAsync(clock), await ReplicaAsync(new FakeClock(Some.At(-3600))));
        await second.JoinAsync(None);
        (await first.ListAsync(None)).Select(r => r.Id).ShouldBe([second.Id]);

        clock.Advance(DynamoReplicas.DeadAfter + TimeSpan.FromSeconds(1));

        (await first.ListAsync(None)).ShouldBeEmpty();
        await second.DisposeAsync();
    }

    private async Task<DynamoReplicas> ReplicaAsync(TimeProvider clock) =>
        new((await ServicesAsync(clock)).GetRequiredService<DynamoStore>(), NullLogger<DynamoReplicas>.Instance);

    private async Task<ServiceProvider> ServicesAsync(TimeProvider clock)
    {
        var services = DynamoServer.ProviderOf(await DynamoServer.UrlAsync(), _settings, clock);
        _services.Add(services);
        return services;
    }
}
