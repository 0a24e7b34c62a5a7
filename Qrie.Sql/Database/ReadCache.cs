using System.Collections.Concurrent;
using System.Data.Common;

namespace Qrie.Sql.Database;

/// <summary>
/// Caches results of frequent reads until the next write: a dashboard with many viewers costs one read, and is never stale.
/// </summary>
internal sealed class ReadCache(SqlDatabase database)
{
    private const int AtMost = 200;

    private volatile Generation _current = new(-1);

    /// <param name="question">The cache key; it must contain everything that the read depends on.</param>
    /// <param name="read">Its result is shared and must not be modified.</param>
    public async Task<T> GetAsync<T>(object question, Func<DbConnection, Task<T>> read, CancellationToken cancel)
        where T : class
    {
        if (database.DataVersion() is not { } version)
        {
            return await database.ReadAsync(read, cancel);
        }

        var cache = _current;
        if (cache.Version != version)
        {
            _current = cache = new Generation(version);
        }

        if (cache.Answers.TryGetValue(question, out var known))
        {
            return (T)known;
        }

        // The version was taken before the read, so writes during it invalidate the result.
        var answer = await database.ReadAsync(read, cancel);
        if (cache.Answers.Count < AtMost)
        {
            cache.Answers[question] = answer;
        }

        return answer;
    }

    /// <param name="Version">The database's version before anything was read.</param>
    private sealed record Generation(long Version)
    {
        public ConcurrentDictionary<object, object> Answers { get; } = new();
    }
}
