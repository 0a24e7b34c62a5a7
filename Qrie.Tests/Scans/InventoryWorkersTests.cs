using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Qrie.Api.Hosting;
using Qrie.Api.Workers;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Scans;

/// <summary>Units of inventories wait for AWS concurrently, also those of one account.</summary>
public sealed class InventoryWorkersTests : UnitRunnerTest
{
    [Fact]
    public async Task As_many_run_as_there_are_places_and_the_others_follow()
    {
        await CreateAsync("scan-1", "a", "b", "c", "d", "e");
        var (running, most) = (0, 0);
        var three = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _aws.Before = async _ =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            if (now == 3)
            {
                three.TrySetResult();
            }

            await open.Task;
            Interlocked.Decrement(ref running);
        };
        using var workers = Workers(places: 3);
        await workers.StartAsync(default);

        await three.Task.WaitAsync(Long);
        (await UnitsAsync()).Count(u => u.Status == UnitStatus.Running).ShouldBe(3);
        open.SetResult();
        await FinishedAsync();
        await workers.StopAsync(default);

        most.ShouldBe(3);
        (await UnitsAsync()).ShouldAllBe(u => u.Status == UnitStatus.Done);
    }

    [Fact]
    public async Task A_unit_that_is_running_when_the_service_stops_is_given_back()
    {
        await CreateAsync("scan-1", "a", "b");
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _aws.Before = async _ =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, _aws.Cancel);
        };
        using var workers = Workers(places: 1);
        await workers.StartAsync(default);
        await begun.Task.WaitAsync(Long);

        await workers.StopAsync(default);

        (await UnitsAsync()).ShouldAllBe(u => u.Status == UnitStatus.Pending && u.Attempts == 0);
    }

    [Fact]
    public async Task Policy_scans_are_left_to_others()
    {
        await CreateAsync("scan-1", "a");
        await CreateAsync("policies", ScanKind.Policy, "b");
        using var workers = Workers(places: 3);
        await workers.StartAsync(default);

        await FinishedAsync();
        await workers.StopAsync(default);

        (await _stores.Scans.AllUnitsAsync(Some.Org, "policies")).ShouldAllBe(u => u.Status == UnitStatus.Pending);
    }

    private static void InterlockedMax(ref int most, int now)
    {
        for (var seen = Volatile.Read(ref most); seen < now; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, now, seen);
        }
    }

    private InventoryWorkers Workers(int places) => new(
        _runner, _signal, new SingleReplica(_clock), Options.Create(new ScanOptions { InventoryConcurrency = places }), _clock,
        NullLogger<InventoryWorkers>.Instance);

    private async Task FinishedAsync()
    {
        for (var waited = Stopwatch.StartNew(); (await ScanAsync()).FinishedAt is null; await Task.Delay(10))
        {
            waited.Elapsed.ShouldBeLessThan(Long);
        }
    }
}
