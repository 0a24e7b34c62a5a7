using System.Collections.Concurrent;

namespace Qrie.Domain.Scans;

/// <summary>
/// Notifies the workers of this process immediately when a scan is cancelled or an account removed; other processes notice when they renew a lease.
/// </summary>
public sealed class ScanCancellations
{
    private readonly ConcurrentDictionary<CancellationTokenSource, Unit> _running = new();

    /// <summary>Cancels the source with the unit's scan or account, until the result is disposed.</summary>
    public IDisposable Link(Unit unit, CancellationTokenSource source)
    {
        _running[source] = unit;
        return new Registration(this, source);
    }

    public Task CancelAsync(string scanId) => CancelAsync(unit => unit.ScanId == scanId);

    public Task CancelAccountAsync(string organization, string accountId) =>
        CancelAsync(unit => unit.AccountId == accountId && unit.Organization == organization);

    private async Task CancelAsync(Func<Unit, bool> which)
    {
        foreach (var source in _running.Where(r => which(r.Value)).Select(r => r.Key))
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
