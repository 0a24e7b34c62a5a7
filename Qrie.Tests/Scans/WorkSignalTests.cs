using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Scans;

public sealed class WorkSignalTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30); // only a test that fails waits for it

    private readonly FakeClock _clock = new();
    private readonly WorkSignal _signal;

    public WorkSignalTests() => _signal = new WorkSignal(_clock);

    [Fact]
    public async Task A_wake_up_between_checking_and_waiting_is_not_lost()
    {
        var next = _signal.Next;
        _signal.Wake(); // after the worker checked for work, before it waits

        await _signal.WaitAsync(next, default).WaitAsync(Long);

        next.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task A_wake_up_ends_the_wait_of_every_worker()
    {
        var waits = Enumerable.Range(0, 4).Select(_ => _signal.WaitAsync(_signal.Next, default)).ToList();
        waits.ShouldAllBe(w => !w.IsCompleted);

        _signal.Wake();

        await Task.WhenAll(waits).WaitAsync(Long);
        waits.ShouldAllBe(w => w.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_wake_up_before_checking_does_not_count()
    {
        _signal.Wake();

        _signal.WaitAsync(_signal.Next, default).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Without_a_signal_the_worker_polls_after_a_second()
    {
        var wait = _signal.WaitAsync(_signal.Next, default);
        _clock.Advance(TimeSpan.FromSeconds(0.9));
        wait.IsCompleted.ShouldBeFalse();

        _clock.Advance(TimeSpan.FromSeconds(0.1));

        await wait.WaitAsync(Long);
        wait.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task Cancellation_ends_the_wait()
    {
        using var cancel = new CancellationTokenSource();
        var wait = _signal.WaitAsync(_signal.Next, cancel.Token);

        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => wait.WaitAsync(Long));
    }
}
