using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Qrie.Api.Hosting;

namespace Qrie.Benchmarks.Processes;

/// <summary>The built service as a separate process that is used over HTTP only, so that it can be killed.</summary>
internal sealed class QrieProcess : IAsyncDisposable
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    private readonly Process _process;
    private readonly List<string> _log = [];

    private QrieProcess(Process process, Uri url)
    {
        _process = process;
        Http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(100) };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public HttpClient Http { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Its lines on standard output and standard error so far.</summary>
    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_log)
            {
                return [.. _log];
            }
        }
    }

    /// <summary>Its error log entries; a restart does not count.</summary>
    public IEnumerable<string> Errors =>
        Log.Where(line => line.Contains(" ERR ", StringComparison.Ordinal) || line.Contains(" FTL ", StringComparison.Ordinal));

    /// <summary>Starts it without waiting until it is ready.</summary>
    /// <param name="store">The file of its store.</param>
    /// <param name="emulator">The emulator used as AWS.</param>
    /// <param name="settings">More settings, <c>--Name=value</c>.</param>
    /// <param name="shell">Shell commands before the service starts; may be empty.</param>
    /// <param name="program">The program; null for the one that this was built with.</param>
    public static QrieProcess Spawn(string store, Uri emulator, IEnumerable<string>? settings = null, string shell = "", string? program = null)
    {
        var url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{EmulatorProcess.FreePort()}"));
        string[] arguments =
        [
            program ?? typeof(QrieHost).Assembly.Location, $"--urls={url}", $"--Store:Path={store}", $"--Aws:Endpoint={emulator}", "--Aws:Regions=us-east-1",
            "--Aws:RetryDelay=00:00:00.020", "--Schedules:Inventory=off", "--Schedules:PolicyScan=off", .. settings ?? [],
        ];
        // When this process ends for any reason, the pipe closes, cat exits, and the service with it, if it is still the same process.
        var watch = $"(cat >/dev/null; grep -qs {url.Port} /proc/$$/cmdline && kill -9 $$) <&3 >/dev/null 2>&1 &";
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec 3<&0; {watch} exec 3<&-; {shell} exec dotnet \"$@\" </dev/null", "sh", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["AWS_ACCESS_KEY_ID"] = "testing",
                ["AWS_SECRET_ACCESS_KEY"] = "testing",
                ["AWS_EC2_METADATA_DISABLED"] = "true",
            },
        };
        return new QrieProcess(Process.Start(start)!, url);
    }

    /// <summary>Waits until it is ready. False if it exited before.</summary>
    public async Task<bool> ReadyAsync(CancellationToken cancel)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeLimit; await Task.Delay(Pause, TimeProvider.System, cancel))
        {
            if (_process.HasExited)
            {
                return false;
            }

            try
            {
                using var answer = await Http.GetAsync(new Uri("/health/live", UriKind.Relative), cancel);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return true;
                }
            }
            catch (HttpRequestException)
            {
                // Not running yet, or not any more.
            }
        }

        throw new TimeoutException($"Qrie did not respond within {TimeLimit}:\n{string.Join('\n', Log)}");
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path, CancellationToken cancel)
    {
        using var answer = await Http.GetAsync(new Uri(path, UriKind.Relative), cancel);
        return await ReadAsync(answer, cancel);
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, object body, CancellationToken cancel)
    {
        using var content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var answer = await Http.PostAsync(new Uri(path, UriKind.Relative), content, cancel);
        return await ReadAsync(answer, cancel);
    }

    /// <summary>All rows of a list, page by page.</summary>
    public async Task<List<JsonElement>> AllAsync(string path, string member, CancellationToken cancel)
    {
        var rows = new List<JsonElement>();
        string? token = null;
        do
        {
            var (status, page) = await GetAsync($"{path}?page_size=100{(token is null ? "" : $"&next_token={token}")}", cancel);
            if (status != HttpStatusCode.OK)
            {
                throw new InvalidOperationException($"GET {path} answered {status}: {page}\n{string.Join('\n', Log.TakeLast(30))}");
            }

            rows.AddRange(page.GetProperty(member).EnumerateArray());
            token = page.TryGetProperty("next_token", out var next) ? next.GetString() : null;
        }
        while (token is not null);

        return rows;
    }

    /// <summary>Waits until every scan of its store has ended, and returns the scans.</summary>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="limit">How long to wait; null for two minutes.</param>
    public async Task<List<JsonElement>> FinishedScansAsync(CancellationToken cancel, TimeSpan? limit = null)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < (limit ?? TimeLimit); await Task.Delay(Pause, TimeProvider.System, cancel))
        {
            var scans = await AllAsync("/scans", "scans", cancel);
            if (scans.TrueForAll(s => s.GetProperty("finished_at").ValueKind != JsonValueKind.Null))
            {
                return scans;
            }
        }

        throw new TimeoutException(
            $"The scans did not end within {limit ?? TimeLimit}:\n{string.Join('\n', await AllAsync("/scans", "scans", cancel))}\n{string.Join('\n', Log)}");
    }

    /// <summary>Kills it with SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Stops it with SIGTERM.</summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        using var kill = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -TERM {_process.Id}")]);
        await kill.WaitForExitAsync(cancel);
        await _process.WaitForExitAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        Http.Dispose();
        _process.Dispose();
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> ReadAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        var text = await answer.Content.ReadAsStringAsync(cancel);
        return (answer.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_log)
            {
                _log.Add(line);
            }
        }
    }
}
