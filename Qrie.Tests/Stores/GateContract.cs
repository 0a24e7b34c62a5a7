using FsCheck;
using FsCheck.Fluent;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>
/// The gate (design.md section 4): for any writers and evaluations, in any order and number, the final state is the newest by (describe time, hash), with the
/// verdicts on exactly that state.
/// </summary>
public abstract class GateContract : StoreContract
{
    private static readonly Gen<Writer> Writers =
        from name in Gen.Choose(1, 2)
        from at in Gen.Choose(1, 4)
        from configuration in Gen.Choose(0, 3)
        from delay in Gen.Choose(0, 6)
        from scans in Gen.Elements(true, false)
        select new Writer(name, at, configuration, delay, scans);

    [Fact]
    public void Scans_and_events_in_any_order_end_in_the_state_of_the_newest() =>
        Sequences.Check(Writers, length: 12, samples: Stores.Samples(150), async writers =>
        {
            var world = await World.NewAsync(Stores);
            foreach (var step in Schedule(writers))
            {
                await step(world);
            }

            await ShouldBeTheStateOfTheNewestAsync(world, writers);
        });

    [Fact]
    public void Concurrent_writers_end_in_the_state_of_the_newest() =>
        Sequences.Check(Writers, length: 16, samples: Stores.Samples(25), async writers =>
        {
            var world = await World.NewAsync(Stores);
            await Task.WhenAll(writers.Select(writer => Task.Run(async () =>
            {
                await writer.WriteAsync(world);
                await writer.EvaluateAsync(world);
            })));

            await ShouldBeTheStateOfTheNewestAsync(world, writers);
        });

    [Fact]
    public async Task Every_interleaving_of_a_scan_an_event_and_a_deletion_ends_in_the_state_of_the_newest()
    {
        foreach (var times in new[] { (1, 2, 3), (3, 2, 1), (2, 3, 1), (2, 2, 2), (1, 3, 2) })
        {
            Writer[] writers = [new(1, times.Item1, 2, 0, true), new(1, times.Item2, 1, 0, false), new(1, times.Item3, 0, 0, false)];
            foreach (var schedule in Stores.Samples(Sequences.Interleavings<Func<World, Task>>(
                [writers[0].WriteAsync, writers[0].EvaluateAsync], [writers[1].WriteAsync, writers[1].EvaluateAsync], [writers[2].WriteAsync])))
            {
                var world = await World.NewAsync(Stores);
                foreach (var step in schedule)
                {
                    await step(world);
                }

                await ShouldBeTheStateOfTheNewestAsync(world, writers);
            }
        }
    }

    /// <summary>Each writer writes at its turn and evaluates some turns later.</summary>
    private static IEnumerable<Func<World, Task>> Schedule(IReadOnlyList<Writer> writers) => writers
        .SelectMany((writer, turn) => new (double Turn, Func<World, Task> Step)[]
        {
            (turn, writer.WriteAsync),
            (turn + writer.Delay + 0.5, writer.EvaluateAsync),
        })
        .OrderBy(s => s.Turn)
        .Select(s => s.Step);

    private static async Task ShouldBeTheStateOfTheNewestAsync(World world, IReadOnlyList<Writer> writers)
    {
        foreach (var group in writers.GroupBy(w => w.Name))
        {
            var newest = group.MaxBy(w => (w.At, w.Configuration))!;
            var stored = (await world.FindAsync(newest.Name))!;
            var finding = await world.FindingAsync(newest.Name);
            var evaluation = await world.EvaluationAsync(newest.Name);

            stored.DescribeTime.ShouldBe(Some.At(newest.At));
            if (newest.Configuration == 0)
            {
                (stored.DeletedAt, stored.Hash, evaluation).ShouldBe((Some.At(newest.At), "", null));
            }
            else
            {
                (stored.DeletedAt, stored.Hash).ShouldBe((null, World.HashOf(newest.Configuration)));
                (evaluation!.Hash, evaluation.DescribeTime, evaluation.Verdicts.Single().Verdict)
                    .ShouldBe((stored.Hash, stored.DescribeTime, newest.Verdict.Verdict!.Verdict));
            }

            (finding?.State == FindingState.Active).ShouldBe(newest.Fails, $"the newest is {newest}");
            if (newest.Fails)
            {
                finding!.DescribeTime.ShouldBe(stored.DescribeTime);
            }
        }

        await world.CountsShouldEqualARecountAsync([1, 2]);
    }

    /// <summary>A description of a bucket at a time: 1 passes, 2 fails, 3 is not applicable, 0 is a deletion.</summary>
    private sealed record Writer(int Name, int At, int Configuration, int Delay, bool Scans)
    {
        public bool Fails => Configuration == 2;

        public EvaluatedPolicy Verdict => Configuration switch
        {
            1 => Some.Passes(),
            2 => Some.Fails(),
            _ => Some.NotApplicable(),
        };

        public Task WriteAsync(World world) =>
            Configuration == 0 ? world.DeleteAsync(Name, At) : world.WriteAsync(world.Bucket(Name, At, Configuration));

        public async Task EvaluateAsync(World world)
        {
            if (Configuration != 0)
            {
                await world.ApplyAsync(Some.Evaluated(world.Bucket(Name, At, Configuration), Verdict), Scans ? "scan-1" : null);
            }
        }
    }
}
