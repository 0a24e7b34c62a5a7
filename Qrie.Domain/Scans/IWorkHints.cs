namespace Qrie.Domain.Scans;

/// <summary>
/// Tells the replicas that units wait. Only hints: the store decides which unit runs, and a lost hint delays it until a worker looks without one.
/// </summary>
public interface IWorkHints
{
    /// <summary>Why hints cannot be sent or received now; null if they can.</summary>
    string? Problem { get; }

    /// <summary>One for each unit, after they were stored. Does not fail: a problem is logged.</summary>
    Task SendAsync(Scan scan, IReadOnlyList<Unit> units, CancellationToken cancel);

    /// <summary>Waits for a hint. Null if there was none for a while, or <paramref name="woken"/> has completed.</summary>
    Task<IWorkHint?> NextAsync(Task woken, CancellationToken cancel);
}

/// <summary>A hint, which no other worker gets as long as this process works on it. To dispose of it without an answer returns it.</summary>
public interface IWorkHint : IAsyncDisposable
{
    string Organization { get; }

    string ScanId { get; }

    /// <summary>How often it was received, this time included.</summary>
    int Receives { get; }

    /// <summary>It is done with.</summary>
    Task DeleteAsync();

    /// <summary>It is to be received again after a while.</summary>
    Task ReturnAsync(TimeSpan after);
}
