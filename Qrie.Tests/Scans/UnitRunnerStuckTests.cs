using Qrie.Domain.Scans;
using Qrie.Domain.Work;

namespace Qrie.Tests.Scans;

/// <summary>A unit without progress is stopped, by elapsed time and not by the time of day.</summary>
public sealed class UnitRunnerStuckTests : UnitRunnerTest
{
    [Fact]
    public async Task A_unit_without_progress_fails()
    {
        await CreateAsync("scan-1", "s3");
        _aws.Before = async _ =>
        {
            for (var i = 0; i < 45 && !_aws.Cancel.IsCancellationRequested; i++)
            {
                await RenewalAsync(); // almost four minutes
            }

            await Task.Delay(Timeout.Infinite, _aws.Cancel).WaitAsync(Long);
        };

        (await _runner.RunNextAsync("me", default).WaitAsync(Long)).ShouldBeTrue();

        var unit = (await UnitsAsync()).Single();
        (unit.Status, unit.Errors.Single().Code).ShouldBe((UnitStatus.Failed, "Stuck"));
        (await ScanAsync()).Status.ShouldBe(ScanStatus.CompletedWithErrors);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_changed_clock_does_not_make_a_unit_stuck(int hours)
    {
        await CreateAsync("scan-1", "s3");
        var first = true;
        _aws.Before = async _ =>
        {
            for (var i = 0; i < 3 && first; i++)
            {
                await RenewalAsync();
                _clock.SetBy(i == 0 ? TimeSpan.FromHours(hours) : TimeSpan.Zero);
            }

            first = false;
        };

        await _runner.RunNextAsync("me", default).WaitAsync(Long);

        (await UnitsAsync()).Single().Status.ShouldBe(UnitStatus.Done);
    }

    [Fact]
    public async Task A_unit_without_progress_fails_even_if_the_clock_was_set_back()
    {
        await CreateAsync("scan-1", "s3");
        _aws.Before = async _ =>
        {
            await RenewalAsync();
            _clock.SetBy(TimeSpan.FromHours(-1));
            for (var i = 0; i < 45 && !_aws.Cancel.IsCancellationRequested; i++)
            {
                await RenewalAsync();
            }

            await Task.Delay(Timeout.Infinite, _aws.Cancel).WaitAsync(Long);
        };

        (await _runner.RunNextAsync("me", default).WaitAsync(Long)).ShouldBeTrue();

        (await UnitsAsync()).Single().Errors.Single().Code.ShouldBe("Stuck");
    }

    [Fact]
    public async Task A_unit_that_makes_calls_never_counts_as_stuck()
    {
        await CreateAsync("scan-1", "s3");
        var first = true;
        _aws.Before = async _ =>
        {
            for (var i = 0; i < 90 && first; i++)
            {
                _calls.Made = [new CountedCalls("s3:ListBuckets", i, 0, 0, 0, 0, 0)];
                await RenewalAsync();
            }

            first = false;
        };

        await _runner.RunNextAsync("me", default).WaitAsync(Long);

        (await UnitsAsync()).Single().Status.ShouldBe(UnitStatus.Done);
    }
}
