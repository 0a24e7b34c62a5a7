using System.Collections.Concurrent;

namespace Qrie.Tests.Api;

/// <summary>
/// Services that the tests of a class only read: each is started on first use and stopped with the class. Writes of a test are visible to the others, so a test
/// with other writes must start a service of its own.
/// </summary>
/// <example><code>
/// public sealed class ErrorTests(SharedHosts hosts) : IClassFixture&lt;SharedHosts&gt;
/// …
/// var qrie = await hosts.EmptyAsync();
/// </code></example>
public sealed class SharedHosts : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<RunningQrie>>> _hosts = new(StringComparer.Ordinal);

    /// <summary>A service that contains only the account of its credentials, with these settings.</summary>
    public Task<RunningQrie> EmptyAsync(params string[] settings) =>
        GetAsync("empty " + string.Join(' ', settings), () => RunningQrie.StartAsync(settings: settings));

    /// <param name="name">The name of the service within the class.</param>
    /// <param name="start">Starts it and writes the test data.</param>
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
