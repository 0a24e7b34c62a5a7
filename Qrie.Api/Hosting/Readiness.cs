using System.Collections.Concurrent;

namespace Qrie.Api.Hosting;

/// <summary>What <c>/health</c> tells of the process itself.</summary>
internal sealed class Readiness
{
    private readonly ConcurrentDictionary<string, string> _warnings = new();

    /// <summary>Null: it is ready.</summary>
    public volatile string? NotReadyBecause;

    /// <summary>How far something long has come; null: nothing long is going on.</summary>
    public volatile string? Progress;

    /// <summary>What works less well than it could, and how to go on.</summary>
    public IEnumerable<string> Warnings => _warnings.OrderBy(w => w.Key, StringComparer.Ordinal).Select(w => w.Value);

    public void Warn(string about, string message) => _warnings[about] = message;

    public void Settle(string about) => _warnings.TryRemove(about, out _);
}
