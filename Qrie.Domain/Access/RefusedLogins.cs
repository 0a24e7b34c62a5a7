using System.Collections.Concurrent;

namespace Qrie.Domain.Access;

/// <summary>Counts attempts to come in that were refused. Kept in memory between two writes: an attacker must not be able to make the store write.</summary>
public sealed class RefusedLogins(IRefusedLoginStore store, TimeProvider clock)
{
    private ConcurrentDictionary<(DateOnly Day, KeyRefusal Reason), long> _counts = new();

    public void Note(KeyRefusal reason) => _counts.AddOrUpdate((DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), reason), 1, (_, n) => n + 1);

    /// <summary>Writes down what was counted since the last time; to be called now and then.</summary>
    public Task RecordAsync(CancellationToken cancel)
    {
        var counts = Interlocked.Exchange(ref _counts, new());
        return counts.IsEmpty ? Task.CompletedTask : store.AddAsync([.. counts.Select(c => new RefusedLoginCount(c.Key.Day, c.Key.Reason, c.Value))], cancel);
    }
}

/// <summary>How many attempts of one UTC day were refused for a reason.</summary>
public sealed record RefusedLoginCount(DateOnly Day, KeyRefusal Reason, long N);

/// <summary>Keeps the counts of refused attempts. They belong to the installation: whoever is refused is of no organization.</summary>
public interface IRefusedLoginStore
{
    Task AddAsync(IReadOnlyList<RefusedLoginCount> counts, CancellationToken cancel);

    /// <summary>Ordered by day, reason.</summary>
    Task<IReadOnlyList<RefusedLoginCount>> ListAsync(DateOnly since, CancellationToken cancel);
}
