using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Qrie.Tests.Api;
using Qrie.Tests.Stores;

namespace Qrie.Tests.Demo;

/// <summary>
/// One demo for all tests that only read it or continue with a copy of its store, with the responses of <c>/health</c> during its preparation.
/// </summary>
[CollectionDefinition(Collection)]
public sealed class DemoHost : IAsyncLifetime, ICollectionFixture<DemoHost>
{
    public const string Collection = "Demo";

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(4);
    private readonly SqliteFile _file = new();

    public RunningQrie Qrie { get; private set; } = null!;

    public DateTimeOffset ReadyAt { get; private set; }

    /// <summary>Every response of <c>/health</c> until it was ready, including the last one.</summary>
    public IReadOnlyList<(HttpStatusCode Status, JsonElement Body)> Health { get; private set; } = [];

    public HttpStatusCode LiveMeanwhile { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Qrie = await RunningQrie.StartDemoAsync(_file.Path);
        LiveMeanwhile = (await Qrie.GetAsync("/health/live")).Status;
        Health = await ReadyAsync(Qrie);
        ReadyAt = TimeProvider.System.GetUtcNow();
    }

    public async ValueTask DisposeAsync()
    {
        await Qrie.DisposeAsync();
        _file.Dispose();
    }

    /// <summary>A copy of its store for another service, so that the eight weeks need not be replayed again.</summary>
    public async Task CopyAsync(string path)
    {
        await using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = _file.Path, Pooling = false }.ToString());
        await connection.ExecuteAsync("VACUUM INTO @path", new { path });
    }

    /// <summary>Waits until it is ready, and returns the responses until then.</summary>
    public static Task<IReadOnlyList<(HttpStatusCode Status, JsonElement Body)>> ReadyAsync(RunningQrie qrie) =>
        SaidAsync(qrie, (status, _) => status == HttpStatusCode.OK);

    /// <summary>Waits until <c>/health</c> satisfies a condition, and returns the responses until then.</summary>
    public static async Task<IReadOnlyList<(HttpStatusCode Status, JsonElement Body)>> SaidAsync(RunningQrie qrie, Func<HttpStatusCode, JsonElement, bool> what)
    {
        var said = new List<(HttpStatusCode Status, JsonElement Body)>();
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeLimit; await Task.Delay(20))
        {
            said.Add(await qrie.GetAsync("/health"));
            if (what(said[^1].Status, said[^1].Body))
            {
                return said;
            }
        }

        throw new TimeoutException($"The demo did not reach the expected state within {TimeLimit}: {said[^1].Body}");
    }
}
