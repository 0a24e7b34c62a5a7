namespace Qrie.Aws.Api.Limits;

/// <summary>Calls of one account and region that share a published rate.</summary>
/// <param name="rate">The rate.</param>
/// <param name="clock">The clock.</param>
/// <param name="replicas">How many processes share the rate.</param>
internal sealed class TokenBucket(RequestRate rate, TimeProvider clock, Func<int> replicas)
{
    private readonly Pace _pace = new(clock, isFull: true);
    private readonly Lock _lock = new();

    /// <summary>Waits until a call may be sent.</summary>
    public Task WaitAsync(CancellationToken cancel)
    {
        TimeSpan wait;
        lock (_lock)
        {
            wait = _pace.Take(Own());
        }

        return wait > TimeSpan.Zero ? Task.Delay(wait, clock, cancel) : Task.CompletedTask;
    }

    /// <summary>After throttling: others have emptied it.</summary>
    public void Empty()
    {
        lock (_lock)
        {
            _pace.Empty(Own().PerSecond);
        }
    }

    private RequestRate Own()
    {
        var share = 1.0 / replicas();
        return new RequestRate(rate.Burst * share, rate.PerSecond * share);
    }
}
