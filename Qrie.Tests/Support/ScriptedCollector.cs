using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Qrie.Domain.Inventory;

namespace Qrie.Tests.Support;

/// <summary>A scripted AWS: the items of the next unit, and the results for each single resource, in turn.</summary>
public sealed class ScriptedCollector : IResourceCollector
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Func<SingleCollectionResult>>> _answers = new();
    private IReadOnlyList<CollectedItem> _items = [];

    /// <summary>The ids of single reads, in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>The items of the unit that is read now.</summary>
    public CancellationToken Cancel { get; private set; }

    /// <summary>Runs before each item is returned.</summary>
    public Func<CollectedItem, Task> Before { get; set; } = _ => Task.CompletedTask;

    public void Lists(params IReadOnlyList<CollectedItem> items) => _items = items;

    /// <summary>
    /// Sets the results of the next reads of a resource; the last one is repeated. A resource without results is <see
    /// cref="SingleCollectionResult.Unreadable"/>.
    /// </summary>
    public void Answers(string id, params IReadOnlyList<SingleCollectionResult> answers) =>
        _answers[id] = new ConcurrentQueue<Func<SingleCollectionResult>>(answers.Select(a => (Func<SingleCollectionResult>)(() => a)));

    public async IAsyncEnumerable<CollectedItem> CollectAsync(CollectionUnit unit, [EnumeratorCancellation] CancellationToken cancel)
    {
        Cancel = cancel;
        foreach (var item in _items)
        {
            await Before(item);
            cancel.ThrowIfCancellationRequested();
            yield return item;
        }
    }

    public Task<SingleCollectionResult> CollectOneAsync(CollectionUnit unit, string type, string id, CancellationToken cancel)
    {
        Asked.Enqueue(id);
        if (!_answers.TryGetValue(id, out var answers) || !answers.TryPeek(out var answer))
        {
            return Task.FromResult<SingleCollectionResult>(new SingleCollectionResult.Unreadable("SlowDown", "try later"));
        }

        if (answers.Count > 1)
        {
            answers.TryDequeue(out answer);
        }

        return Task.FromResult(answer!());
    }
}
