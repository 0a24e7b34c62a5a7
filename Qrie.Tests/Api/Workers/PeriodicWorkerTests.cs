using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Api.Workers;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api.Workers;

public sealed class PeriodicWorkerTests
{
    private static readonly TimeSpan _every = TimeSpan.FromMinutes(1);
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task A_failure_is_retried_in_the_next_round()
    {
        using var work = new Scripted(_clock, failures: 2);
        var waits = _clock.NextTimer;
        await work.StartAsync(default);

        for (var round = 1; round <= 3; round++)
        {
            await waits;
            work.Rounds.ShouldBe(round);
            waits = _clock.NextTimer;
            _clock.Advance(_every);
        }

        await waits;
        work.ExecuteTask!.IsCompleted.ShouldBeFalse();
        await work.StopAsync(default);
    }

    [Fact]
    public async Task A_requested_round_starts_at_once()
    {
        using var work = new Scripted(_clock, failures: 0);
        var waits = _clock.NextTimer;
        await work.StartAsync(default);
        await waits;
        waits = _clock.NextTimer;

        work.Ask();
        await waits;

        work.Rounds.ShouldBe(2);
        await work.StopAsync(default);
    }

    [Fact]
    public async Task Remaining_work_is_done_on_shutdown_even_if_the_last_round_was_cancelled()
    {
        using var work = new Scripted(_clock, failures: 0) { Hangs = true };
        await work.StartAsync(default);
        await work.Begun;

        await work.StopAsync(default);

        (work.IsFinished, work.ExecuteTask!.IsCompletedSuccessfully).ShouldBe((true, true));
    }

    private sealed class Scripted(FakeClock clock, int failures) : PeriodicWorker("A test", _every, clock, NullLogger.Instance)
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource _asked = new();

        public Task Begun => _begun.Task;

        public int Rounds { get; private set; }

        public bool Hangs { get; init; }

        public bool IsFinished { get; private set; }

        protected override Task Asked => _asked.Task;

        public void Ask() => Interlocked.Exchange(ref _asked, new()).SetResult();

        protected override Task RunOnceAsync(CancellationToken cancel)
        {
            Rounds++;
            _begun.TrySetResult();
            return Hangs ? Task.Delay(Timeout.InfiniteTimeSpan, cancel)
                : Rounds <= failures ? throw new InvalidOperationException("broken")
                : Task.CompletedTask;
        }

        protected override Task FinishAsync()
        {
            IsFinished = true;
            throw new InvalidOperationException("broken as well");
        }
    }
}
