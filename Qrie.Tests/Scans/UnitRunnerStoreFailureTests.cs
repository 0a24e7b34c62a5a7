using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Tests.Scans;

/// <summary>A store failure is not a failure of the running unit.</summary>
public sealed class UnitRunnerStoreFailureTests : UnitRunnerTest
{
    [Fact]
    public async Task A_store_failure_does_not_fail_the_unit()
    {
        await CreateAsync("scan-1", "s3");
        var first = true;
        _aws.Before = _ => Once(ref first) ? throw new StoreUnavailableException("the disk is full") : Task.CompletedTask;

        await Should.ThrowAsync<StoreUnavailableException>(() => _runner.RunNextAsync("me", default));
        (await UnitsAsync()).Single().Status.ShouldBe(UnitStatus.Pending);
        await _runner.RunNextAsync("me", default);

        var unit = (await UnitsAsync()).Single();
        (unit.Status, unit.Attempts).ShouldBe((UnitStatus.Done, 1)); // the failure is not caused by the unit
        (await ScanAsync()).Status.ShouldBe(ScanStatus.Completed);
    }

    [Fact]
    public async Task A_unit_whose_end_cannot_be_stored_is_released_when_the_store_recovers_and_counts_once()
    {
        await CreateAsync("scan-1", "s3");
        _scans.FailingReleases = 2;
        _scans.BeforeEnd = () => throw new StoreUnavailableException("the disk is full");

        var running = _runner.RunNextAsync("me", default);
        while (_scans.FailingReleases > 0)
        {
            _clock.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(10);
        }

        _clock.Advance(TimeSpan.FromSeconds(5));
        await Should.ThrowAsync<StoreUnavailableException>(() => running.WaitAsync(Long));
        (await UnitsAsync()).Single().Status.ShouldBe(UnitStatus.Pending);
        _scans.BeforeEnd = () => Task.CompletedTask;
        await _runner.RunNextAsync("me", default);

        (await ScanAsync()).Counters[ScanCounters.ResourcesFound].ShouldBe(1);
    }
}
