using System.Collections.Concurrent;
using System.Data.Common;

namespace Qrie.Sql.Database;

/// <summary>
/// Answers to questions that are asked again and again, kept until somebody writes: a dashboard that many look at costs one
/// read for all of them, and is never behind.
/// </summary>
internal sealed class ReadCache(SqlDatabase database)
{
    private const int AtMost = 200;

    private volatile Generation _current = new(-1);

    /// <param name="question">Equal questions get the same answer, so it holds everything that the read depends on.</param>
    /// <param name="read">Its answer is shared: nobody may change it.</param>
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

        // The version was taken before: what a write changes meanwhile is asked for again.
        var answer = await database.ReadAsync(read, cancel);
        if (cache.Answers.Count < AtMost)
        {
            cache.Answers[question] = answer;
        }

        return answer;
    }

    /// <param name="Version">The database's before anything here was read.</param>
    private sealed record Generation(long Version)
    {
        public ConcurrentDictionary<object, object> Answers { get; } = new();
    }
}
