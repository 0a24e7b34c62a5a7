namespace Qrie.Aws.Api.Metering;

/// <summary>Counts by key. Thread-safe.</summary>
/// <param name="clock">The clock that determines which keys are idle; null if nothing is to be summed up.</param>
internal sealed class CallTable(TimeProvider? clock)
{
    /// <summary>Account and region of summed-up counts.</summary>
    public const string Others = "*";

    private static readonly TimeSpan _idle = TimeSpan.FromHours(1);
    private static readonly TimeSpan _checkInterval = TimeSpan.FromMinutes(5);

    private readonly Dictionary<CallKey, Entry> _entries = [];
    private readonly Lock _lock = new();
    private long _checkedAt = clock?.GetTimestamp() ?? 0;

    public void Add(CallKey key, CallCounts more)
    {
        var now = clock?.GetTimestamp() ?? 0;
        lock (_lock)
        {
            SumUpIdle(now);
            _entries[key] = new Entry(_entries.GetValueOrDefault(key).Counts?.Plus(more) ?? more, now);
        }
    }

    public Dictionary<CallKey, CallCounts> Snapshot()
    {
        lock (_lock)
        {
            return _entries.ToDictionary(e => e.Key, e => e.Value.Counts!);
        }
    }

    private void SumUpIdle(long now)
    {
        if (clock is null || clock.GetElapsedTime(_checkedAt, now) < _checkInterval)
        {
            return;
        }

        _checkedAt = now;
        foreach (var (key, entry) in _entries.Where(e => e.Key.AccountId != Others && clock.GetElapsedTime(e.Value.UsedAt, now) >= _idle).ToList())
        {
            var others = key with { AccountId = Others, Region = Others };
            _entries[others] = new Entry((_entries.GetValueOrDefault(others).Counts ?? CallCounts.Zero).Plus(entry.Counts!), now);
            _entries.Remove(key);
        }
    }

    private readonly record struct Entry(CallCounts? Counts, long UsedAt);
}
