using Qrie.Domain.Scans;
using Qrie.Tests.Support;

namespace Qrie.Tests.Scans;

/// <summary>Units during a shutdown or the cancellation of their scan.</summary>
public sealed class UnitRunnerStopTests : UnitRunnerTest
{
    [Fact]
    public async Task A_shutdown_releases_the_unit()
    {
        await CreateAsync("scan-1", "s3");
        using var stop = new CancellationTokenSource();
        _aws.Before = _ => stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => _runner.RunNextAsync("me", stop.Token));

        (await UnitsAsync()).Single().Status.ShouldBe(UnitStatus.Pending);
        _aws.Before = _ => Task.CompletedTask;
        (await _runner.RunNextAsync("me", default)).ShouldBeTrue();
        (await ScanAsync()).Status.ShouldBe(ScanStatus.Completed);
    }

    [Fact]
    public async Task A_unit_that_fails_because_of_a_shutdown_is_released()
    {
        await CreateAsync("scan-1", "s3");
        using var stop = new CancellationTokenSource();
        _aws.Before = async _ =>
        {
            await stop.CancelAsync();
            throw new ObjectDisposedException("connection");
        };

        await Should.ThrowAsync<OperationCanceledException>(() => _runner.RunNextAsync("me", stop.Token));

        (await UnitsAsync()).Single().Status.ShouldBe(UnitStatus.Pending);
    }

    [Fact]
    public async Task A_unit_that_finishes_during_a_shutdown_is_ended()
    {
        await CreateAsync("scan-1", "s3");
        using var stop = new CancellationTokenSource();
        _scans.BeforeEnd = stop.CancelAsync;

        await _runner.RunNextAsync("me", stop.Token);

        (await ScanAsync()).Status.ShouldBe(ScanStatus.Completed);
    }

    [Fact]
    public async Task Cancelling_the_scan_stops_its_unit_at_once()
    {
        await CreateAsync("scan-1", "s3");
        _aws.Before = async _ =>
        {
            await _stores.Scans.CancelAsync(Some.Org, "scan-1", _clock.Now, default);
            await _cancellations.CancelAsync("scan-1");
            await Task.Delay(Timeout.Infinite, _aws.Cancel).WaitAsync(Long);
        };

        (await _runner.RunNextAsync("me", default).WaitAsync(Long)).ShouldBeTrue();

        (await UnitsAsync()).Single().Status.ShouldBe(UnitStatus.Cancelled);
        (await ScanAsync()).Status.ShouldBe(ScanStatus.Cancelled);
    }
}
