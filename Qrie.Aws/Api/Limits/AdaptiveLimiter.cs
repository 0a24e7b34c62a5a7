namespace Qrie.Aws.Api.Limits;

/// <summary>
/// Limits the rate of calls of one account, region and service. The rate doubles every second while it is used and nothing is throttled. A throttled call
/// halves it; then it grows along a cubic curve: fast up to the last rate that worked, slowly around it, fast beyond it. The curve is scaled to
/// the rate, so that it takes the same few seconds at 5 and at 500 calls per second.
/// </summary>
internal sealed class AdaptiveLimiter : IDisposable
{
    /// <summary>
    /// The initial rate in calls per second. AWS's own SDKs do not limit a first request at all (standard mode,
    /// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html); published limits are in <see cref="PublishedRates"/>.
    /// </summary>
    public const double InitialRate = 100;

    private const double LowestRate = 0.5;

    private const double Decrease = 0.5;

    /// <summary>
    /// Growth of the cubic curve, relative to the rate at the last throttling, which is reached again after ((1 - Decrease) / Growth) to the power of 1/3 = 3.7
    /// s.
    /// </summary>
    private const double Growth = 0.01;

    /// <summary>How many calls may be sent at once after a pause.</summary>
    private const double Burst = 50;

    private static readonly TimeSpan _window = TimeSpan.FromMilliseconds(500);

    private readonly int _maxConcurrency;
    private readonly double _initialRate;
    private readonly double _maxRate;
    private readonly Func<int> _replicas;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _concurrency;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Pace _pace;
    private readonly Lock _lock = new();

    private double _rate;
    private double _rateAtThrottling;
    private long _throttledAt;
    private bool _wasThrottled;
    private readonly long _startedAt;

    // The rate of calls that AWS did not throttle, over the last windows.
    private double _passedRate;
    private int _passedInWindow;
    private long _windowStart;

    /// <param name="maxConcurrency">Calls in flight.</param>
    /// <param name="maxRate">The highest rate in calls per second.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="replicas">How many processes share the rate; null for this one only.</param>
    /// <param name="initialRate">The rate to begin with.</param>
    public AdaptiveLimiter(int maxConcurrency, double maxRate, TimeProvider clock, Func<int>? replicas = null, double initialRate = InitialRate)
    {
        _initialRate = initialRate;
        _maxConcurrency = maxConcurrency;
        _maxRate = maxRate;
        _replicas = replicas ?? (() => 1);
        _clock = clock;
        _concurrency = new SemaphoreSlim(maxConcurrency, maxConcurrency);
        _rate = Math.Min(Share(_initialRate), HighestRate);
        _pace = new Pace(clock, isFull: false);
        _startedAt = _windowStart = clock.GetTimestamp();
    }

    /// <summary>The current rate in calls per second.</summary>
    public double Rate
    {
        get
        {
            lock (_lock)
            {
                return _rate;
            }
        }
    }

    private double HighestRate => Share(_maxRate);

    /// <summary>Whether calls are in flight or waiting.</summary>
    public bool IsInUse => _concurrency.CurrentCount < _maxConcurrency;

    /// <summary>Whether the rate is below the initial one because AWS throttled, which a new limiter would have to learn again.</summary>
    public bool IsSlowed
    {
        get
        {
            lock (_lock)
            {
                return _wasThrottled && _rate < Share(_initialRate);
            }
        }
    }

    /// <summary>Waits until a call may be sent. The permit must be returned with the outcome of the call.</summary>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="bucket">The bucket from which the call was taken, to be emptied if it is throttled; null for none.</param>
    public async Task<LimiterLease> AcquireAsync(CancellationToken cancel, TokenBucket? bucket = null)
    {
        await _concurrency.WaitAsync(cancel);
        try
        {
            // Callers wait for a slot one at a time, so that a changed rate applies to all that follow.
            await _turn.WaitAsync(cancel);
            try
            {
                var wait = TakeSlot();
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, _clock, cancel);
                }
            }
            finally
            {
                _turn.Release();
            }

            return new LimiterLease(this, _clock.GetTimestamp(), bucket);
        }
        catch
        {
            _concurrency.Release();
            throw;
        }
    }

    public void Dispose()
    {
        _concurrency.Dispose();
        _turn.Dispose();
    }

    private double Share(double rate) => Math.Max(LowestRate, rate / _replicas());

    private TimeSpan TakeSlot()
    {
        lock (_lock)
        {
            return _pace.Take(new RequestRate(Burst, _rate));
        }
    }

    private void Passed()
    {
        lock (_lock)
        {
            Count();
            var highest = HighestRate; // lower than before if a replica was added
            _rate = Math.Clamp(
                Math.Min(Grown(), Math.Max(2 * _passedRate, _wasThrottled ? _rateAtThrottling : Share(_initialRate))), Math.Min(_rate, highest), highest);
        }
    }

    private double Grown()
    {
        if (!_wasThrottled)
        {
            return Share(_initialRate) * Math.Pow(2, _clock.GetElapsedTime(_startedAt).TotalSeconds);
        }

        var untilBack = Math.Cbrt((1 - Decrease) / Growth);
        var since = _clock.GetElapsedTime(_throttledAt).TotalSeconds - untilBack;
        return _rateAtThrottling * (1 + (Growth * since * since * since));
    }

    private void Throttled(long sentAt)
    {
        lock (_lock)
        {
            Roll();
            if (_wasThrottled && sentAt <= _throttledAt)
            {
                // Sent before the rate was lowered, so it adds no information.
                return;
            }

            _rateAtThrottling = Math.Min(_rate, Math.Max(_passedRate, LowestRate));
            _rate = Math.Max(LowestRate, _rateAtThrottling * Decrease);
            _throttledAt = _clock.GetTimestamp();
            _wasThrottled = true;
            _pace.Empty(_rate);
        }
    }

    private void Count()
    {
        Roll();
        _passedInWindow++;
    }

    /// <summary>Closes the measurement window when it has ended.</summary>
    private void Roll()
    {
        var now = _clock.GetTimestamp();
        var elapsed = _clock.GetElapsedTime(_windowStart, now);
        if (elapsed < _window)
        {
            return;
        }

        var measured = _passedInWindow / elapsed.TotalSeconds;
        var weight = 1 - Math.Pow(0.5, elapsed / (2 * _window));
        _passedRate += (measured - _passedRate) * weight;
        _passedInWindow = 0;
        _windowStart = now;
    }

    /// <summary>The permit to send one call.</summary>
    public readonly struct LimiterLease(AdaptiveLimiter limiter, long sentAt, TokenBucket? bucket)
    {
        /// <summary>The call was not throttled, whatever its result.</summary>
        public void Passed()
        {
            limiter._concurrency.Release();
            limiter.Passed();
        }

        /// <summary>The call was throttled.</summary>
        public void Throttled()
        {
            limiter._concurrency.Release();
            limiter.Throttled(sentAt);
            bucket?.Empty();
        }

        /// <summary>There was no response.</summary>
        public void Lost() => limiter._concurrency.Release();
    }
}
