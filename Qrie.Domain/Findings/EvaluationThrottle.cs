namespace Qrie.Domain.Findings;

/// <summary>Limits concurrent evaluation to the number of processors: it is CPU-bound, and more units would only hold memory while they wait.</summary>
public sealed class EvaluationThrottle : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(Environment.ProcessorCount);

    /// <summary>Runs the work when a slot is free.</summary>
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
