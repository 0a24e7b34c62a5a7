using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Qrie.Benchmarks.Processes;

/// <summary>A separate <c>moto_server</c> on a free port, so that nothing else changes its content.</summary>
internal sealed class EmulatorProcess : IAsyncDisposable
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private EmulatorProcess(Process process, DirectoryInfo folder, Uri url) => (_process, _folder, Url) = (process, folder, url);

    public Uri Url { get; }

    /// <summary>The id of the server, a child of the shell that watches it.</summary>
    public TimeSpan ProcessorTime => Process.GetProcesses().Where(IsServer).Aggregate(TimeSpan.Zero, (sum, p) => sum + p.TotalProcessorTime);

    private bool IsServer(Process process)
    {
        try
        {
            // "pid (name) state ppid …"; https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
            var stat = File.ReadAllText($"/proc/{process.Id}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == _process.Id.ToString(CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return false; // it has just exited
        }
    }

    public static async Task<EmulatorProcess> StartAsync(CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("qrie-moto-");
        // Without its own list it would create a snapshot for each of more than a thousand images.
        var images = Path.Combine(folder.FullName, "images.json");
        await File.WriteAllTextAsync(images, "[]", cancel);
        var port = FreePort();
        // When this process ends for any reason, the pipe closes, cat exits, and the server with it.
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"moto_server -H 127.0.0.1 -p {port} >/dev/null 2>&1 & server=$!; cat >/dev/null; kill $server"])
        {
            RedirectStandardInput = true,
            Environment = { ["MOTO_AMIS_PATH"] = images },
        };
        var emulator = new EmulatorProcess(Process.Start(start)!, folder, new Uri($"http://127.0.0.1:{port}"));
        using var client = new HttpClient { BaseAddress = emulator.Url, Timeout = TimeSpan.FromSeconds(5) };
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeLimit; await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel))
        {
            try
            {
                using var answer = await client.GetAsync(new Uri("/moto-api/data.json", UriKind.Relative), cancel);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return emulator;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
            {
                // Not yet.
            }
        }

        await emulator.DisposeAsync();
        throw new InvalidOperationException($"moto_server did not start within {TimeLimit}. Does `moto_server -H 127.0.0.1 -p 5000` run?");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
