namespace Qrie.Api.Workers;

/// <summary>
/// Returns memory to the operating system when the process has become idle. The garbage collector does nothing without allocations, so what the start or a
/// scan left would stay resident until the next one. For processes that are the service; a collection stops all hosts of a process.
/// </summary>
internal sealed class IdleMemoryWorker(ILogger<IdleMemoryWorker> logger)
    : PeriodicWorker("The return of memory", TimeSpan.FromSeconds(10), TimeProvider.System, logger)
{
    /// <summary>What polling allocates between two rounds, and more.</summary>
    private const long IdleBytes = 8 * 1024 * 1024;

    /// <summary>Less is not worth a collection.</summary>
    private const long WorthwhileBytes = 32 * 1024 * 1024;

    private long _before;
    private long _atCollection;

    protected override Task RunOnceAsync(CancellationToken cancel)
    {
        var allocated = GC.GetTotalAllocatedBytes();
        if (allocated - _before < IdleBytes && allocated - _atCollection > WorthwhileBytes)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            _atCollection = allocated;
        }

        _before = allocated;
        return Task.CompletedTask;
    }
}
