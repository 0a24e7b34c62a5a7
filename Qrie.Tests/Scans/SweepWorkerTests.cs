using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Api.Workers;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Scans;

/// <summary>The sweeper runs every minute of elapsed time, whatever the clock shows.</summary>
public sealed class SweepingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task An_orphaned_unit_is_released_within_minutes_even_if_the_clock_is_set_back(int hours)
    {
        var clock = new FakeClock();
        await using var stores = await SqliteFile.EmptyAsync();
        var (scan, units) = Some.Scan("scan-1", 0, (Some.AccountId, "s3"));
        await stores.Scans.CreateAsync(scan, units, default);
        await stores.Scans.ClaimNextAsync("dies", clock.Now, TimeSpan.FromMinutes(1), 1, default);
        var sweeper = new ScanSweeper(stores.Scans, new WorkSignal(clock), new ScanLimits(), clock, NullLogger<ScanSweeper>.Instance);
        using var sweeping = new SweepWorker(sweeper, clock, NullLogger<SweepWorker>.Instance);
        await sweeping.StartAsync(default);

        clock.SetBy(TimeSpan.FromHours(hours));
        var unit = (await stores.Scans.AllUnitsAsync(Some.Org, "scan-1")).Single();
        if (hours == 0)
        {
            unit.Status.ShouldBe(UnitStatus.Running); // its lease has not expired; with the clock set back, the sweep at startup may already have released it
        }

        for (var minutes = 0; minutes < 3 && unit.Status != UnitStatus.Pending; minutes++)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            for (var waits = 0; waits < 100 && unit.Status != UnitStatus.Pending; waits++)
            {
                await Task.Delay(10);
                unit = (await stores.Scans.AllUnitsAsync(Some.Org, "scan-1")).Single();
            }
        }

        await sweeping.StopAsync(default);
        (unit.Status, unit.Epoch).ShouldBe((UnitStatus.Pending, 2));
    }
}
