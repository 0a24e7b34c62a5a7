namespace Qrie.Domain.Findings;

/// <summary>Evaluating keeps a processor busy: more units at once than there are of those would only take turns anyway, and hold memory while they
/// wait.</summary>
public sealed class EvaluationThrottle : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(Environment.ProcessorCount);

    /// <summary>Does some work when it is its turn.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancel)
    {
        await _semaphore.WaitAsync(cancel);
        try
        {
            return await work();
        }
        finally
        {
            _semaphore.Release();
        }
    }

    public void Dispose() => _semaphore.Dispose();
}
