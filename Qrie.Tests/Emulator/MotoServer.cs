using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Qrie.Tests.Emulator;

/// <summary>
/// The AWS emulator: one <c>moto_server</c> per test run, on a free port, started on first use and stopped with the run.
/// Tests do not affect each other if each uses its own accounts (<see cref="Estate"/>): moto separates accounts, and determines the
/// account by the assumed role (<c>arn:aws:iam::&lt;account&gt;:role/…</c>, which need not exist). Other
/// credentials belong to <see cref="BaseAccount"/>.
/// </summary>
public static class MotoServer
{
    /// <summary>The account of credentials without a role.</summary>
    public const string BaseAccount = "123456789012";

    private static readonly Lazy<Task<Uri>> _started = new(StartAsync);

    /// <summary>Its address; starts it if it is not running yet.</summary>
    public static Task<Uri> UrlAsync() => _started.Value;

    private static async Task<Uri> StartAsync()
    {
        var port = FreePort();

        // When this process ends for any reason, the pipe closes, cat exits, and the server with it.
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"moto_server -H 127.0.0.1 -p {port} >/dev/null 2>&1 & server=$!; cat >/dev/null; kill $server"])
        {
            RedirectStandardInput = true,
        };

        // Without its own list it would create a snapshot in every account and region for each of more than a thousand images.
        start.Environment["MOTO_AMIS_PATH"] = Path.Combine(AppContext.BaseDirectory, "tools", "estate", "amis.json");

        // Certificates stay unvalidated, so that two reads are equal.
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
