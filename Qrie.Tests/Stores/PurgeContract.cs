using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Suspending or deleting a policy during evaluations: no finding may stay ACTIVE for an inactive policy.</summary>
public abstract class PurgeContract : StoreContract
{
    [Theory]
    [InlineData(PolicyStatus.Suspended)]
    [InlineData(PolicyStatus.Deleted)]
    public async Task In_every_interleaving_with_evaluations_nothing_stays_active(PolicyStatus status)
    {
        foreach (var schedule in Stores.Samples(Sequences.Interleavings<Func<Flight, Task>>(
            [f => f.World.StopAsync(status), f => f.World.ResolveAsync(1), f => f.World.ResolveAllAsync()],
            [f => f.LookAsync("scan"), f => f.FailAsync("scan", 1, 0, 1)],
            [f => f.DescribeAndLookAsync("event", 2, 5, 2), f => f.FailAsync("event", 2, 5, 2)])))
        {
            var flight = await Flight.NewAsync(Stores);
            foreach (var step in schedule)
            {
                await step(flight);
            }

            (await flight.World.FindingsAsync(new FindingFilter(PolicyId: Some.Public, State: FindingState.Active))).ShouldBeEmpty();
            (await flight.World.Stores.Findings.CountActiveByPolicyAsync(flight.World.Organization, None)).GetValueOrDefault(Some.Public).ShouldBe(0);
        }
    }

    [Fact]
    public async Task In_every_interleaving_with_a_relaunch_the_next_evaluation_corrects_the_findings_and_keeps_first_seen()
    {
        foreach (var schedule in Stores.Samples(Sequences.Interleavings<Func<Flight, Task>>(
            [f => f.World.StopAsync(), f => f.World.ResolveAsync(1), f => f.World.ResolveAllAsync()],
            [f => f.LookAsync("scan"), f => f.FailAsync("scan", 1, 0, 1)],
            [f => f.World.LaunchAsync(), f => f.World.LaunchAsync()])))
        {
            var flight = await Flight.NewAsync(Stores);
            foreach (var step in schedule)
            {
                await step(flight);
            }

            await flight.World.LaunchAsync();
            await flight.LookAsync("bootstrap");
            (await flight.FailAsync("bootstrap", 3, 0, 1)).ShouldBe(ApplyOutcome.Applied);
            var finding = (await flight.World.FindingAsync(3))!;
            (finding.State, finding.FirstSeen, finding.ResolvedReason).ShouldBe((FindingState.Active, Some.At(1), null));
            await flight.World.CountsShouldEqualARecountAsync([1, 2, 3]);
        }
    }

    [Fact]
    public async Task Evaluations_concurrent_with_a_purge_leave_nothing_active()
    {
        for (var round = 0; round < Stores.Samples(15); round++)
        {
            var flight = await Flight.NewAsync(Stores);
            var evaluates = Enumerable.Range(0, 4).Select(evaluate => Task.Run(async () =>
            {
                for (var i = 0; i < 6; i++)
                {
                    await flight.LookAsync($"{evaluate}");
                    await flight.FailAsync($"{evaluate}", 1 + ((evaluate + i) % 3), 0, 1);
                }
            }));
            var purge = Task.Run(async () =>
            {
                await flight.World.StopAsync();
                await flight.World.ResolveAllAsync();
            });
            await Task.WhenAll([purge, .. evaluates]);

            (await flight.World.FindingsAsync(new FindingFilter(PolicyId: Some.Public, State: FindingState.Active))).ShouldBeEmpty();
            await flight.World.CountsShouldEqualARecountAsync([1, 2, 3]);
        }
    }

    /// <summary>Three stored buckets, the third with an open finding, and evaluations that have read the policies but not written yet.</summary>
    private sealed class Flight(World world)
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, IReadOnlyDictionary<string, long>> _seen = new();

        public World World => world;

        public static async Task<Flight> NewAsync(StoreSet stores)
        {
            var flight = new Flight(await World.NewAsync(stores));
            await flight.World.WriteAsync(flight.World.Bucket(1, 0, 1), flight.World.Bucket(2, 0, 1), flight.World.Bucket(3, 0, 1));
            await flight.LookAsync("first");
            await flight.FailAsync("first", 3, 0, 1);
            return flight;
        }

        public async Task DescribeAndLookAsync(string who, int name, double at, int configuration)
        {
            await world.WriteAsync(world.Bucket(name, at, configuration));
            await LookAsync(who);
        }

        public async Task LookAsync(string who) => _seen[who] = await world.ActiveRevisionsAsync();

        public async Task<ApplyOutcome> FailAsync(string who, int name, double at, int configuration) =>
            await world.ApplyAsync(Some.Evaluated(
                world.Bucket(name, at, configuration), [.. _seen[who].Where(p => p.Key == Some.Public).Select(p => Some.Fails(p.Key, p.Value))]));
    }
}
