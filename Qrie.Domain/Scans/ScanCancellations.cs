using System.Collections.Concurrent;

namespace Qrie.Domain.Scans;

/// <summary>
/// Tells the workers of this process at once that a scan was cancelled; those of others notice when they renew a lease.
/// </summary>
public sealed class ScanCancellations
{
    private readonly ConcurrentDictionary<CancellationTokenSource, string> _running = new();

    /// <summary>Cancels the source together with the scan, until the result is disposed.</summary>
    public IDisposable Link(string scanId, CancellationTokenSource source)
    {
        _running[source] = scanId;
        return new Registration(this, source);
    }

    public async Task CancelAsync(string scanId)
    {
        foreach (var source in _running.Where(r => r.Value == scanId).Select(r => r.Key))
        {
            try
            {
                await source.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // The unit ended meanwhile.
            }
        }
    }

    private sealed class Registration(ScanCancellations owner, CancellationTokenSource source) : IDisposable
    {
        public void Dispose() => owner._running.TryRemove(source, out _);
    }
}
