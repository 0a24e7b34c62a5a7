using System.Collections.Concurrent;

namespace Qrie.Api.Hosting;

/// <summary>The state of the process in <c>/health</c>.</summary>
internal sealed class Readiness
{
    private readonly ConcurrentDictionary<string, string> _warnings = new();

    /// <summary>Null if it is ready.</summary>
    public volatile string? NotReadyBecause;

    /// <summary>The progress of a long operation; null if there is none.</summary>
    public volatile string? Progress;

    /// <summary>Limitations, with remedies.</summary>
    public IEnumerable<string> Warnings => _warnings.OrderBy(w => w.Key, StringComparer.Ordinal).Select(w => w.Value);

    public void Warn(string about, string message) => _warnings[about] = message;

    public void Settle(string about) => _warnings.TryRemove(about, out _);
}
