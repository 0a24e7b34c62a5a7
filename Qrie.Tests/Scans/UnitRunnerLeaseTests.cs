using Qrie.Domain.Scans;

namespace Qrie.Tests.Scans;

/// <summary>The lease of a unit: renewal, and loss to another worker.</summary>
public sealed class UnitRunnerLeaseTests : UnitRunnerTest
{
    [Fact]
    public async Task The_lease_is_renewed_while_the_unit_runs()
    {
        await CreateAsync("scan-1", "s3");
        var first = true;
        _aws.Before = async _ =>
        {
            for (var i = 0; i < 24 && first; i++)
            {
                await RenewalAsync();
            }

            first = false;
        };

        await _runner.RunNextAsync("me", default).WaitAsync(Long);

        _scans.Renewals.ShouldBe(24); // two minutes, twice as long as the lease
        var unit = (await UnitsAsync()).Single();
        (unit.Status, unit.Epoch).ShouldBe((UnitStatus.Done, 1));
    }

    [Fact]
    public async Task A_failed_renewal_is_retried()
    {
        await CreateAsync("scan-1", "s3");
        _scans.FailingRenewals = 2;
        var first = true;
        _aws.Before = async _ =>
        {
            for (var i = 0; i < 4 && first; i++)
            {
                await RenewalAsync();
            }

            first = false;
        };

        await _runner.RunNextAsync("me", default).WaitAsync(Long);

        _scans.Renewals.ShouldBe(4);
    }

    [Fact]
    public async Task A_worker_that_lost_its_unit_stops_and_changes_nothing()
    {
        await CreateAsync("scan-1", "s3");
        _aws.Before = async _ =>
        {
            await _stores.Scans.RecoverAsync(_clock.Now, TimeSpan.FromHours(1), default); // as after a restart elsewhere
            _clock.Advance(TimeSpan.FromSeconds(15));
            await Task.Delay(Timeout.Infinite, _aws.Cancel).WaitAsync(Long);
        };

        (await _runner.RunNextAsync("me", default).WaitAsync(Long)).ShouldBeTrue();

        var unit = (await UnitsAsync()).Single();
        (unit.Status, unit.Epoch, unit.Owner).ShouldBe((UnitStatus.Pending, 2, null));
        (await ScanAsync()).RemainingUnits.ShouldBe(1);
    }

    [Fact]
    public async Task A_worker_that_lost_its_unit_without_noticing_does_not_end_it()
    {
        await CreateAsync("scan-1", "s3");
        _aws.Before = async _ => await _stores.Scans.RecoverAsync(_clock.Now, TimeSpan.FromHours(1), default);

        (await _runner.RunNextAsync("me", default)).ShouldBeTrue();

        (await UnitsAsync()).Single().Status.ShouldBe(UnitStatus.Pending);
        (await ScanAsync()).Status.ShouldBe(ScanStatus.Running);
    }

    [Fact]
    public async Task A_unit_that_crashes_the_process_repeatedly_fails()
    {
        await CreateAsync("scan-1", "s3");
        for (var i = 0; i < 3; i++)
        {
            (await _stores.Scans.ClaimNextAsync("dies", _clock.Now, TimeSpan.FromMinutes(1), 1, default)).ShouldNotBeNull();
            await _stores.Scans.RecoverAsync(_clock.Now, TimeSpan.FromHours(1), default);
        }

        await _runner.RunNextAsync("me", default);

        var unit = (await UnitsAsync()).Single();
        (unit.Status, unit.Errors.Single().Code).ShouldBe((UnitStatus.Failed, "GaveUp"));
    }
}
