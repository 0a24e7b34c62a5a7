using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Qrie.Aws.Api.Metering;

/// <summary>What calls are counted by.</summary>
public sealed record CallKey(string AccountId, string Region, string Service, string Operation);

/// <summary>What happened to the calls of one key.</summary>
/// <param name="Calls">Calls that ended, well or not.</param>
/// <param name="Attempts">Requests that were sent for them.</param>
/// <param name="Throttles">Attempts that AWS throttled.</param>
/// <param name="Errors">Calls that ended with an error.</param>
/// <param name="Bytes">Size of all answers.</param>
/// <param name="Duration">Time from request to answer, over all attempts; waiting for the rate and between attempts does not count.</param>
public sealed record CallCounts(long Calls, long Attempts, long Throttles, long Errors, long Bytes, TimeSpan Duration)
{
    /// <summary>Attempts beyond the first of each call.</summary>
    public long Retries => Math.Max(0, Attempts - Calls);
}

/// <summary>
/// Counts the calls to AWS per account, region, service and operation: as metrics of the meter <c>Qrie.Aws</c>, as a snapshot since the start, and for a stretch of work (a scan)
/// by <see cref="Begin"/>.
/// </summary>
public sealed class CallMeter : IDisposable
{
    public const string MeterName = "Qrie.Aws";

    private readonly AsyncLocal<CallScope?> _current = new();
    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _calls;
    private readonly Counter<long> _throttles;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _bytes;
    private readonly Histogram<double> _duration;
    private readonly CallTable _total = new();

    public CallMeter()
    {
        _calls = _meter.CreateCounter<long>("qrie.aws.calls", "{call}", "Calls to AWS that ended; error.type names the class of error.");
        _throttles = _meter.CreateCounter<long>("qrie.aws.throttles", "{attempt}", "Attempts that AWS throttled.");
        _retries = _meter.CreateCounter<long>("qrie.aws.retries", "{attempt}", "Attempts beyond the first.");
        _bytes = _meter.CreateCounter<long>("qrie.aws.bytes", "By", "Size of the answers.");
        _duration = _meter.CreateHistogram<double>("qrie.aws.attempt.duration", "s", "Time from request to answer.");
    }

    /// <summary>All since the start.</summary>
    public IReadOnlyDictionary<CallKey, CallCounts> Snapshot() => _total.Snapshot();

    /// <summary>Counts, in addition, what the current flow of execution calls until the scope is disposed; tasks started inside are included.</summary>
    public CallScope Begin() => _current.Value = new CallScope(this, _current.Value);

    public void Dispose() => _meter.Dispose();

    internal void Attempt(CallKey key, int number, bool isThrottled, long bytes, TimeSpan duration)
    {
        var tags = Tags(key);
        if (isThrottled)
        {
            _throttles.Add(1, tags);
        }

        if (number > 0)
        {
            _retries.Add(1, tags);
        }

        _bytes.Add(bytes, tags);
        _duration.Record(duration.TotalSeconds, tags);
        Count(key, c => c.Attempt(isThrottled, bytes, duration));
    }

    internal void Ended(CallKey key, AwsErrorKind? error)
    {
        var tags = Tags(key);
        if (error is not null)
        {
            tags.Add("error.type", error.ToString());
        }

        _calls.Add(1, tags);
        Count(key, c => c.Ended(error is not null));
    }

    internal void End(CallScope scope, CallScope? outer)
    {
        if (_current.Value == scope)
        {
            _current.Value = outer;
        }
    }

    private void Count(CallKey key, Action<CallTable.Counter> count)
    {
        count(_total.For(key));
        for (var scope = _current.Value; scope is not null; scope = scope.Outer)
        {
            count(scope.Table.For(key));
        }
    }

    private static TagList Tags(CallKey key) => new()
    {
        { "aws.account", key.AccountId },
        { "aws.region", key.Region },
        { "rpc.service", key.Service },
        { "rpc.method", key.Operation },
    };
}

/// <summary>The calls of a stretch of work.</summary>
public sealed class CallScope : IDisposable
{
    private readonly CallMeter _meter;

    internal CallScope(CallMeter meter, CallScope? outer)
    {
        _meter = meter;
        Outer = outer;
    }

    internal CallScope? Outer { get; }

    internal CallTable Table { get; } = new();

    /// <summary>All since the scope began.</summary>
    public IReadOnlyDictionary<CallKey, CallCounts> Snapshot() => Table.Snapshot();

    public void Dispose() => _meter.End(this, Outer);
}

/// <summary>Counters by key; written from many threads.</summary>
internal sealed class CallTable
{
    private readonly ConcurrentDictionary<CallKey, Counter> _counters = new();

    public Counter For(CallKey key) => _counters.GetOrAdd(key, _ => new Counter());

    public Dictionary<CallKey, CallCounts> Snapshot() => _counters.ToDictionary(c => c.Key, c => c.Value.Read());

    internal sealed class Counter
    {
        private long _calls;
        private long _attempts;
        private long _throttles;
        private long _errors;
        private long _bytes;
        private long _ticks;

        public void Attempt(bool isThrottled, long bytes, TimeSpan duration)
        {
            Interlocked.Increment(ref _attempts);
            Interlocked.Add(ref _throttles, isThrottled ? 1 : 0);
            Interlocked.Add(ref _bytes, bytes);
            Interlocked.Add(ref _ticks, duration.Ticks);
        }

        public void Ended(bool isError)
        {
            Interlocked.Increment(ref _calls);
            Interlocked.Add(ref _errors, isError ? 1 : 0);
        }

        public CallCounts Read() => new(
            Interlocked.Read(ref _calls),
            Interlocked.Read(ref _attempts),
            Interlocked.Read(ref _throttles),
            Interlocked.Read(ref _errors),
            Interlocked.Read(ref _bytes),
            TimeSpan.FromTicks(Interlocked.Read(ref _ticks)));
    }
}
