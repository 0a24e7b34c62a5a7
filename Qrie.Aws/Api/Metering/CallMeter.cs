using System.Diagnostics;
using System.Diagnostics.Metrics;
using Qrie.Domain.Work;

namespace Qrie.Aws.Api.Metering;

/// <summary>The key by which calls are counted.</summary>
public sealed record CallKey(string AccountId, string Region, string Service, string Operation);

/// <summary>The totals of the calls of one key.</summary>
/// <param name="Calls">Completed calls, including failed ones.</param>
/// <param name="Attempts">Requests sent for them.</param>
/// <param name="Throttles">Attempts that AWS throttled.</param>
/// <param name="Errors">Calls that ended with an error.</param>
/// <param name="Bytes">Size of all responses.</param>
/// <param name="Duration">Time from request to response, over all attempts, without waiting for the limiter and between attempts.</param>
public sealed record CallCounts(long Calls, long Attempts, long Throttles, long Errors, long Bytes, TimeSpan Duration)
{
    /// <summary>Calls that were sent and denied by AWS; a role that cannot be assumed does not count.</summary>
    public long Denied { get; init; }

    /// <summary>Attempts beyond the first of each call.</summary>
    public long Retries => Math.Max(0, Attempts - Calls);

    internal static CallCounts Zero { get; } = new(0, 0, 0, 0, 0, TimeSpan.Zero);

    internal CallCounts Plus(CallCounts more) => new(
        Calls + more.Calls, Attempts + more.Attempts, Throttles + more.Throttles, Errors + more.Errors, Bytes + more.Bytes, Duration + more.Duration)
    {
        Denied = Denied + more.Denied,
    };
}

/// <summary>
/// Counts the calls to AWS per account, region, service and operation: as metrics of the meter <c>Qrie.Aws</c>, as a snapshot since the start, and for a
/// piece of work (a scan) by <see cref="Begin"/>.
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
    private readonly CallTable _total;

    /// <param name="clock">The clock that determines which counters are idle; null for the system's.</param>
    public CallMeter(TimeProvider? clock = null)
    {
        _total = new CallTable(clock ?? TimeProvider.System);
        _calls = _meter.CreateCounter<long>("qrie.aws.calls", "{call}", "Calls to AWS that ended; error.type names the class of error.");
        _throttles = _meter.CreateCounter<long>("qrie.aws.throttles", "{attempt}", "Attempts that AWS throttled.");
        _retries = _meter.CreateCounter<long>("qrie.aws.retries", "{attempt}", "Attempts beyond the first.");
        _bytes = _meter.CreateCounter<long>("qrie.aws.bytes", "By", "Size of the responses.");
        _duration = _meter.CreateSeconds(
            "qrie.aws.attempt.duration", "Time from request to response.", [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]);
    }

    /// <summary>
    /// All totals since the start. Those without a call for an hour are summed up per service and operation, with <see cref="CallTable.Others"/> as account and
    /// region, so that a thousand accounts that are read once a week need no memory in between.
    /// </summary>
    public IReadOnlyDictionary<CallKey, CallCounts> Snapshot() => _total.Snapshot();

    /// <summary>Also counts the calls of the current flow of execution until the scope is disposed, including those of tasks started in it.</summary>
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
        Count(key, new CallCounts(0, 1, isThrottled ? 1 : 0, 0, bytes, duration));
    }

    /// <param name="wasSent">False: there were no credentials to send it with.</param>
    internal void Ended(CallKey key, AwsErrorKind? error, bool wasSent = true)
    {
        var tags = Tags(key);
        if (error is not null)
        {
            tags.Add("error.type", error.ToString());
        }

        _calls.Add(1, tags);
        Count(key, new CallCounts(1, 0, 0, error is null ? 0 : 1, 0, TimeSpan.Zero) { Denied = wasSent && error is AwsErrorKind.Denied ? 1 : 0 });
    }

    internal void End(CallScope scope, CallScope? outer)
    {
        if (_current.Value == scope)
        {
            _current.Value = outer;
        }
    }

    private void Count(CallKey key, CallCounts more)
    {
        _total.Add(key, more);
        for (var scope = _current.Value; scope is not null; scope = scope.Outer)
        {
            scope.Table.Add(key, more);
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

    internal CallTable Table { get; } = new(clock: null);

    /// <summary>All since the scope began.</summary>
    public IReadOnlyDictionary<CallKey, CallCounts> Snapshot() => Table.Snapshot();

    public void Dispose() => _meter.End(this, Outer);
}
