using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Qrie.Tests.Api;

namespace Qrie.Tests.Demo;

/// <summary>One demo for all tests that only look at it, and what <c>/health</c> said on its way.</summary>
public sealed class DemoHost : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    public RunningQrie Qrie { get; private set; } = null!;

    public DateTimeOffset ReadyAt { get; private set; }

    /// <summary>Every answer of <c>/health</c> until it was ready, that one included.</summary>
    public IReadOnlyList<(HttpStatusCode Status, JsonElement Body)> Health { get; private set; } = [];

    public HttpStatusCode LiveMeanwhile { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Qrie = await RunningQrie.StartDemoAsync();
        LiveMeanwhile = (await Qrie.GetAsync("/health/live")).Status;
        Health = await ReadyAsync(Qrie);
        ReadyAt = TimeProvider.System.GetUtcNow();
    }

    public async ValueTask DisposeAsync() => await Qrie.DisposeAsync();

    /// <summary>Waits until it is ready; answers what it said until then.</summary>
    public static Task<IReadOnlyList<(HttpStatusCode Status, JsonElement Body)>> ReadyAsync(RunningQrie qrie) =>
        SaidAsync(qrie, (status, _) => status == HttpStatusCode.OK);

    /// <summary>Waits until <c>/health</c> says something; answers what it said until then.</summary>
    public static async Task<IReadOnlyList<(HttpStatusCode Status, JsonElement Body)>> SaidAsync(RunningQrie qrie, Func<HttpStatusCode, JsonElement, bool> what)
    {
        var said = new List<(HttpStatusCode Status, JsonElement Body)>();
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < Patience; await Task.Delay(20))
        {
            said.Add(await qrie.GetAsync("/health"));
            if (what(said[^1].Status, said[^1].Body))
            {
                return said;
            }
        }

        throw new TimeoutException($"The demo was not so far after {Patience}: {said[^1].Body}");
    }
}
