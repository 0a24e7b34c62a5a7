using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>A row of a list, with the send time of the oldest call behind it and its errors.</summary>
internal sealed record ListedRow(JmesValue Value, DateTimeOffset SentAt, IReadOnlyList<(string Attribute, CollectionError Error)> Errors);

/// <summary>The end of a list.</summary>
/// <param name="Began">When its first call was sent; null if there was none.</param>
/// <param name="Error">The first error; null if it is complete.</param>
internal sealed record ListResult(DateTimeOffset? Began, CollectionError? Error);

/// <summary>The state of one list while its branches are read in parallel.</summary>
/// <param name="requestedId">The requested id; null in a scan.</param>
/// <param name="sink">Receives the rows as they arrive, one call at a time.</param>
internal sealed class ListRun(string? requestedId, Func<IReadOnlyList<ListedRow>, Task> sink) : IDisposable
{
    private readonly SemaphoreSlim _sinkLock = new(1);
    private readonly Lock _lock = new();
    private DateTimeOffset? _began;
    private CollectionError? _error;

    public string? RequestedId => requestedId;

    public ListResult Result => new(_began, _error);

    public void Dispose() => _sinkLock.Dispose();

    public async Task DeliverAsync(IReadOnlyList<ListedRow> rows, CancellationToken cancel)
    {
        await _sinkLock.WaitAsync(cancel);
        try
        {
            await sink(rows);
        }
        finally
        {
            _sinkLock.Release();
        }
    }

    /// <summary>Records the send time and the error of a page, if it has them.</summary>
    public void Note(CollectionError? error, DateTimeOffset? sentAt = null)
    {
        lock (_lock)
        {
            _error ??= error;
            _began = _began < sentAt ? _began : sentAt ?? _began;
        }
    }
}
