using System.Collections.Concurrent;

namespace Qrie.Domain.Access;

/// <summary>Counts refused authentication attempts, in memory between two writes: an attacker must not be able to cause writes.</summary>
public sealed class RefusedLogins(IRefusedLoginStore store, TimeProvider clock)
{
    private readonly ConcurrentDictionary<(DateOnly Day, KeyRefusal Reason), long> _counts = new();

    public void Note(KeyRefusal reason) => Count(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), reason, 1);

    /// <summary>Stores what was counted since the last call. Called periodically.</summary>
    public async Task RecordAsync(CancellationToken cancel)
    {
        var written = _counts.Where(c => c.Value > 0).Select(c => new RefusedLoginCount(c.Key.Day, c.Key.Reason, c.Value)).ToList();
        if (written.Count > 0)
        {
            await store.AddAsync(written, cancel);
            written.ForEach(c => Count(c.Day, c.Reason, -c.N));
        }
    }

    private void Count(DateOnly day, KeyRefusal reason, long n) => _counts.AddOrUpdate((day, reason), n, (_, counted) => counted + n);
}

/// <summary>The number of attempts refused for one reason on one UTC day.</summary>
public sealed record RefusedLoginCount(DateOnly Day, KeyRefusal Reason, long N);

/// <summary>Stores the counts of refused attempts. They belong to the installation, because refused callers have no organization.</summary>
public interface IRefusedLoginStore
{
    Task AddAsync(IReadOnlyList<RefusedLoginCount> counts, CancellationToken cancel);

    /// <summary>Ordered by day, reason.</summary>
    Task<IReadOnlyList<RefusedLoginCount>> ListAsync(DateOnly since, CancellationToken cancel);
}
