using System.Collections.Concurrent;

namespace Qrie.Tests.Api;

/// <summary>
/// Services that the tests of a class only read: each is started when a test first asks for it, and stopped with the class. What a test writes, the others
/// see; one that must not be seen starts its own.
/// </summary>
/// <example><code>
/// public sealed class ErrorTests(SharedHosts hosts) : IClassFixture&lt;SharedHosts&gt;
/// …
/// var qrie = await hosts.EmptyAsync();
/// </code></example>
public sealed class SharedHosts : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<RunningQrie>>> _hosts = new(StringComparer.Ordinal);

    /// <summary>Nothing in it but the account of its credentials, with these settings.</summary>
    public Task<RunningQrie> EmptyAsync(params string[] settings) =>
        GetAsync("empty " + string.Join(' ', settings), () => RunningQrie.StartAsync(settings: settings));

    /// <param name="name">Of this service within the class.</param>
    /// <param name="start">Starts it and writes what the tests read.</param>
    public Task<RunningQrie> GetAsync(string name, Func<Task<RunningQrie>> start) =>
        _hosts.GetOrAdd(name, _ => new Lazy<Task<RunningQrie>>(start)).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts.Values)
        {
            if (host.Value.IsCompletedSuccessfully)
            {
                await (await host.Value).DisposeAsync();
            }
        }
    }
}
