namespace Qrie.Domain.Work;

/// <summary>
/// Wakes idle workers of this process. Only a hint: a lost signal delays work until the worker's next poll.
/// </summary>
public sealed class WorkSignal(TimeProvider clock)
{
    private static readonly TimeSpan LookAnywayAfter = TimeSpan.FromSeconds(1);

    private volatile TaskCompletionSource _next = New();

    public void Wake() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    /// <summary>Take this before looking for work and await it if there was none, so that a wake-up in between is not lost.</summary>
    public Task Next => _next.Task;

    public async Task WaitAsync(Task next, CancellationToken cancel)
    {
        var timeout = Task.Delay(LookAnywayAfter, clock, cancel);
        await Task.WhenAny(next, timeout);
        cancel.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
