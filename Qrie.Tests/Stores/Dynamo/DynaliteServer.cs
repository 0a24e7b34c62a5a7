using System.Diagnostics;
using System.Net;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores.Dynamo;

/// <summary>
/// A second emulator of DynamoDB (npm <c>dynalite</c>, LevelDB), which is wrong in other ways: it has no transactions, no time to live and no backups. One
/// server per test run, started on first use and stopped with the run.
/// </summary>
internal static class DynaliteServer
{
    private static readonly Lazy<Task<Uri>> _started = new(StartAsync);

    /// <summary>Its address. Skips the test if the package is missing.</summary>
    public static async Task<Uri> UrlAsync()
    {
        if (NpmPackage.Missing(NpmPackage.Dynalite) is { } missing)
        {
            Assert.Skip(missing);
        }

        return await _started.Value;
    }

    public static async Task<StoreSet> EmptyAsync() => await StoreSets.PrepareAsync(DynamoServer.ProviderOf(await UrlAsync()), () => ValueTask.CompletedTask);

    private static async Task<Uri> StartAsync()
    {
        var port = MotoServer.FreePort();
        var script = NpmPackage.PathOf("dynalite", "cli.js");

        // When this process ends for any reason, the pipe closes, cat exits, and the server with it.
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", $"node '{script}' --port {port} --createTableMs 0 --deleteTableMs 0 >/dev/null 2>&1 & server=$!; cat >/dev/null; kill $server"])
        {
            RedirectStandardInput = true,
        };
        var process = Process.Start(start)!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => process.StandardInput.Dispose();

        var url = new Uri($"http://127.0.0.1:{port}");
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(60);)
        {
            try
            {
                using var answer = await client.GetAsync(url);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return url;
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                await Task.Delay(100);
            }
        }

        throw new InvalidOperationException("dynalite did not start within a minute.");
    }
}
