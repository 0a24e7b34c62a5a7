using FsCheck;
using FsCheck.Fluent;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Progress is stored as sums; after any changes of units it must equal their sum.</summary>
public abstract class ScanProgressContract : StoreContract
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StuckAfter = TimeSpan.FromHours(9);

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (6, Gen.Constant(Step.Claim)), (4, Gen.Constant(Step.Renew)),
        (4, Gen.Constant(Step.End)), (1, Gen.Constant(Step.Fail)), (1, Gen.Constant(Step.Release)),
        (1, Gen.Constant(Step.LoseLease)), (1, Gen.Constant(Step.Restart)), (1, Gen.Constant(Step.Cancel)), (1, Gen.Constant(Step.Abandon)));

    private enum Step
    {
        Claim,
        Renew,
        End,
        Fail,
        Release,
        LoseLease,
        Restart,
        Cancel,
        Abandon,
    }

    private int _scans;

    [Fact]
    public void After_any_history_progress_is_the_sum_of_the_units() =>
        Sequences.Check(Steps, length: 25, samples: Stores.Samples(60), async steps =>
        {
            var id = $"scan-{++_scans}";
            var (scan, units) = Some.Scan(id, 0, ("A", "a"), ("A", "b"), ("B", "a"));
            units = [.. units.SelectMany(u => new[] { "eu-west-1", "us-east-1" }.Select(region => u with { Region = region }))];
            await Stores.Scans.CreateAsync(scan with { TotalUnits = units.Count, RemainingUnits = units.Count }, units, None);
            var held = new List<Unit>();
            var now = Some.Noon;
            foreach (var (i, step) in steps.Index())
            {
                now += Wait(step);
                await RunAsync(step, held, id, now, Some.Result(("resources_found", i + 1), ("calls", 1)));
                await ShouldBeTheSumAsync(id);
            }

            await Stores.Scans.CancelAsync(Some.Org, id, now, None);
            await ShouldBeTheSumAsync(id);
        });

    /// <summary>The time before it.</summary>
    private static TimeSpan Wait(Step step) => step switch
    {
        Step.LoseLease => Lease + Lease,
        Step.Abandon => StuckAfter + Lease,
        _ => TimeSpan.FromSeconds(1),
    };

    private async Task RunAsync(Step step, List<Unit> held, string id, DateTimeOffset now, UnitResult result)
    {
        var unit = held.Count == 0 ? null : held[result.Counters["resources_found"] % 2 == 0 ? 0 : ^1];
        switch (step)
        {
            case Step.Claim when await Stores.Scans.ClaimNextAsync("worker", now, Lease, 10, None) is { } claimed:
                held.Add(claimed);
                break;
            case Step.Renew when unit is not null:
                await Stores.Scans.RenewAsync(unit, result, now, Lease, None);
                break;
            case Step.End or Step.Fail when unit is not null:
                held.Remove(unit);
                var status = step == Step.End ? UnitStatus.Done : UnitStatus.Failed;
                await Stores.Scans.EndAsync(unit, status, result with { Errors = [new UnitError(null, "Failed", "Boom", "")] }, now, None);
                break;
            case Step.Release when unit is not null:
                held.Remove(unit);
                await Stores.Scans.ReleaseAsync(unit, None);
                break;
            case Step.LoseLease:
                await Stores.Scans.SweepAsync(now, StuckAfter, None);
                break;
            case Step.Restart or Step.Abandon:
                await Stores.Scans.RecoverAsync(now, StuckAfter, None);
                break;
            case Step.Cancel when result.Counters["resources_found"] > 15:
                await Stores.Scans.CancelAsync(Some.Org, id, now, None);
                break;
        }
    }

    private async Task ShouldBeTheSumAsync(string id)
    {
        var expected = (await Stores.Scans.AllUnitsAsync(Some.Org, id)).GroupBy(u => (u.AccountId, u.Service)).OrderBy(g => g.Key).Select(g =>
        {
            var counters = new ScanCounters();
            foreach (var unit in g.Where(u => u.Status != UnitStatus.Pending))
            {
                counters.Add(unit.Counters);
            }

            return Text(new ScanProgress(g.Key.AccountId, g.Key.Service, g.CountBy(u => u.Status).ToDictionary(), counters, g.Sum(u => u.Errors.Count)));
        });
        (await Stores.Scans.ReadProgressAsync(Some.Org, id, None)).Select(Text).ShouldBe(expected);
    }

    private static string Text(ScanProgress progress) =>
        $"{progress.AccountId} {progress.Service}: {string.Join(' ', progress.Units.OrderBy(u => u.Key).Select(u => $"{u.Key}={u.Value}"))} "
        + $"{Some.Text(progress.Counters.Values)} {progress.Errors}";
}
