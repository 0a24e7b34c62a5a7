namespace Qrie.Domain.Findings;

/// <summary>Judging keeps a processor busy: more units at once than there are of those would only take turns anyway, and hold memory while they wait.</summary>
public sealed class JudgingTurns : IDisposable
{
    private readonly SemaphoreSlim _turns = new(Environment.ProcessorCount);

    /// <summary>Does some work when it is its turn.</summary>
    public async Task<T> TakeAsync<T>(Func<Task<T>> work, CancellationToken cancel)
    {
        await _turns.WaitAsync(cancel);
        try
        {
            return await work();
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();
}
