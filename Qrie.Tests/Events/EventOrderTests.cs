using FsCheck.Fluent;
using Qrie.Domain.Events;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Events;

/// <summary>For any order, repetition and batching of events, the stored state finally equals the actual one.</summary>
public sealed class EventOrderTests
{
    private static readonly string[] Buckets = ["a", "b", "c"];

    /// <summary>A change.</summary>
    /// <param name="Bucket">The changed bucket.</param>
    /// <param name="Versioned">The new setting; null if it is deleted.</param>
    /// <param name="After">Seconds since the previous change.</param>
    /// <param name="Lag">Seconds until AWS shows it.</param>
    /// <param name="Seed">The seed for the deliveries in between.</param>
    private sealed record Step(int Bucket, bool? Versioned, int After, int Lag, int Seed);

    [Fact]
    public void Any_order_repetition_and_batching_has_the_result_of_a_scan()
    {
        var step =
            from bucket in Gen.Choose(0, Buckets.Length - 1)
            from versioned in Gen.Elements<bool?>(true, false, null)
            from after in Gen.Choose(0, 20)
            from lag in Gen.Frequency((3, Gen.Constant(0)), (2, Gen.Choose(1, 30)))
            from seed in Gen.Choose(0, int.MaxValue - 1)
            select new Step(bucket, versioned, after, lag, seed);
        Sequences.Check(step, length: 12, samples: 60, async steps =>
        {
            await using var world = await EventWorld.NewAsync();
            var pending = new List<EventMessage>();
            foreach (var (bucket, versioned, after, lag, seed) in steps)
            {
                world.Clock.Advance(TimeSpan.FromMilliseconds((after * 1000) + (seed % 1000)));
                world.Aws.Change(Buckets[bucket], versioned, TimeSpan.FromSeconds(lag));
                var name = versioned is null ? "DeleteBucket" : "PutBucketVersioning";
                pending.Add(new EventMessage($"m{pending.Count}-{seed}", "r", EventWorld.Record(name, Buckets[bucket], world.Clock.Now), 1));
                await DeliverAsync(world, pending, new Random(seed), atLeast: 0);
                await world.Rechecks.RecheckResourcesAsync(default);
            }

            await DeliverAsync(world, pending, new Random(steps[0].Seed), atLeast: pending.Count);
            await SaveBatchAsync(world);
            var followed = await world.StateAsync();
            var scan = await world.ScanAsync();

            (await world.StateAsync()).ShouldBe(followed, "a scan finds nothing that events had not reported");
            (scan[ScanCounters.ResourcesCreated], scan[ScanCounters.ResourcesChanged],
                scan[ScanCounters.ResourcesDeleted], scan[ScanCounters.FindingsCreated], scan[ScanCounters.FindingsClosed])
                .ShouldBe((0, 0, 0, 0, 0));
        });
    }

    /// <summary>Delivers some of the pending messages, in any order, some of them twice, in batches of any size.</summary>
    private static async Task DeliverAsync(EventWorld world, List<EventMessage> pending, Random random, int atLeast)
    {
        var chosen = pending.OrderBy(_ => random.Next()).Take(Math.Max(atLeast, random.Next(pending.Count + 1))).ToList();
        var repeated = chosen.Concat(chosen.Where(_ => random.Next(3) == 0)).OrderBy(_ => random.Next()).ToList();
        while (repeated.Count > 0)
        {
            var batch = repeated.Take(random.Next(1, 11)).ToList();
            repeated.RemoveRange(0, batch.Count);
            var processed = await world.Processor.ProcessAsync(batch, hasDeadLetterQueue: false, default);
            processed.Done.Count.ShouldBe(batch.Count);
        }

        // One in four is redelivered, as after a lost deletion.
        pending.RemoveAll(m => chosen.Contains(m) && random.Next(4) > 0);
    }

    private static async Task SaveBatchAsync(EventWorld world)
    {
        for (var second = 0; second < 100; second++)
        {
            world.Clock.Advance(TimeSpan.FromSeconds(1));
            while (await world.Rechecks.RecheckResourcesAsync(default))
            {
            }
        }
    }
}
