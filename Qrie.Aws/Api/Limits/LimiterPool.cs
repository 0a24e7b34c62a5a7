namespace Qrie.Aws.Api.Limits;

/// <summary>
/// One limiter per account, region and service, the granularity in which AWS throttles, and the buckets that AWS publishes. Unused ones are dropped: soon if
/// the rate is at least the initial one, after hours if it was lowered by throttling.
/// </summary>
/// <param name="replicas">How many processes share the rate that AWS allows, each of which takes its part; null for this one only.</param>
internal sealed class LimiterPool(AwsApiOptions options, TimeProvider clock, Func<int>? replicas = null)
{
    private static readonly TimeSpan _idle = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan _idleAfterThrottling = TimeSpan.FromHours(6);
    private static readonly TimeSpan _lookEvery = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(string Account, string Region, string Service), (AdaptiveLimiter Limiter, long UsedAt)> _limiters = [];
    private readonly Dictionary<(string Account, string Region, string Service, string Bucket), (TokenBucket Bucket, long UsedAt)> _buckets = [];
    private readonly Func<int> _replicas = replicas ?? (() => 1);
    private readonly Lock _lock = new();
    private long _lookedAt = clock.GetTimestamp();

    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _limiters.Count;
            }
        }
    }

    /// <summary>Waits until a call may be sent.</summary>
    public async Task<AdaptiveLimiter.LimiterLease> AcquireAsync(string account, string region, string service, string operation, CancellationToken cancel)
    {
        var bucket = FindBucket(account, region, service, operation);
        if (bucket is not null)
        {
            await bucket.WaitAsync(cancel);
        }

        return await For(account, region, service).AcquireAsync(cancel, bucket);
    }

    public AdaptiveLimiter For(string account, string region, string service)
    {
        var now = clock.GetTimestamp();
        lock (_lock)
        {
            DropIdle(now);
            var limiter = _limiters.TryGetValue((account, region, service), out var known)
                ? known.Limiter
                : new AdaptiveLimiter(options.MaxConcurrency, options.MaxRate, clock, _replicas, PublishedRates.InitialOf(service));
            _limiters[(account, region, service)] = (limiter, now);
            return limiter;
        }
    }

    private TokenBucket? FindBucket(string account, string region, string service, string operation)
    {
        if (PublishedRates.Find(service, operation) is not var (name, rate))
        {
            return null;
        }

        var key = (account, region, service, name);
        var now = clock.GetTimestamp();
        lock (_lock)
        {
            var bucket = _buckets.TryGetValue(key, out var known) ? known.Bucket : new TokenBucket(rate, clock, _replicas);
            _buckets[key] = (bucket, now);
            return bucket;
        }
    }

    /// <summary>A dropped limiter is not disposed: calls in progress may still use it, and it holds only memory.</summary>
    private void DropIdle(long now)
    {
        if (clock.GetElapsedTime(_lookedAt, now) < _lookEvery)
        {
            return;
        }

        _lookedAt = now;
        foreach (var (key, (limiter, usedAt)) in _limiters.ToList())
        {
            if (!limiter.IsInUse && clock.GetElapsedTime(usedAt, now) >= (limiter.IsSlowed ? _idleAfterThrottling : _idle))
            {
                _limiters.Remove(key);
            }
        }

        foreach (var (key, _) in _buckets.Where(b => clock.GetElapsedTime(b.Value.UsedAt, now) >= _idle).ToList())
        {
            _buckets.Remove(key);
        }
    }
}
