using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Qrie.Tests.Emulator;

/// <summary>
/// The AWS emulator: one <c>moto_server</c> per test run, on a free port, started by the first test that asks for it and ended with the run.
/// Tests do not disturb each other when each works in accounts of its own (<see cref="Estate"/>): moto keeps one world per account, and tells the
/// account by the role that was assumed (<c>arn:aws:iam::&lt;account&gt;:role/…</c>, which need not exist). Other
/// credentials belong to <see cref="BaseAccount"/>.
/// </summary>
public static class MotoServer
{
    /// <summary>The account of credentials that no role gave.</summary>
    public const string BaseAccount = "123456789012";

    private static readonly Lazy<Task<Uri>> _started = new(StartAsync);

    /// <summary>Where it listens; starts it when it does not run yet.</summary>
    public static Task<Uri> UrlAsync() => _started.Value;

    private static async Task<Uri> StartAsync()
    {
        var port = FreePort();

        // When this process ends, in whatever way, the pipe closes, cat ends, and the server with it.
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"moto_server -H 127.0.0.1 -p {port} >/dev/null 2>&1 & server=$!; cat >/dev/null; kill $server"])
        {
            RedirectStandardInput = true,
        };

        // Without a list of its own it makes a snapshot in every account and region for each of more than a thousand images.
        start.Environment["MOTO_AMIS_PATH"] = Path.Combine(AppContext.BaseDirectory, "tools", "estate", "amis.json");

        // Certificates stay unvalidated: what is read twice must not change in between.
        start.Environment["MOTO_ACM_VALIDATION_WAIT"] = "86400";
        var process = Process.Start(start)!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => process.StandardInput.Dispose();

        var url = new Uri($"http://127.0.0.1:{port}");
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(60);)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(url, "/moto-api/data.json"));
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

        throw new InvalidOperationException("moto_server did not start within a minute. Does `moto_server -H 127.0.0.1 -p 5000` run?");
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
