using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Qrie.Benchmarks.Inventory.Proxy;

/// <summary><see cref="ProxyWorkload"/> as a process of its own, whose processor time does not count as Qrie's.</summary>
internal sealed class ProxyProcess : IAsyncDisposable
{
    /// <summary>The path of requests to the proxy itself.</summary>
    public const string Control = "/_proxy";

    private readonly Process _process;
    private readonly HttpClient _http;

    private ProxyProcess(Process process, Uri url)
    {
        _process = process;
        Url = url;
        _http = new HttpClient { BaseAddress = url };
    }

    public Uri Url { get; }

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <param name="emulator">The emulator whose answers it gives.</param>
    /// <param name="account">The account of these.</param>
    public static async Task<ProxyProcess> StartAsync(Uri emulator, string account, CancellationToken cancel)
    {
        string[] arguments = [typeof(ProxyProcess).Assembly.Location, "aws-proxy", "--upstream", emulator.ToString(), "--account", account];
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var url = await process.StandardOutput.ReadLineAsync(cancel) ?? throw new InvalidOperationException("The proxy did not start.");
        return new ProxyProcess(process, new Uri(url));
    }

    /// <summary>Counts from zero, and answers after this time.</summary>
    public Task ResetAsync(TimeSpan latency, CancellationToken cancel) => SendAsync(
        string.Create(CultureInfo.InvariantCulture, $"{Control}/reset?latency={latency.TotalMilliseconds}"), cancel);

    public Task<ProxyCounts> CountsAsync(CancellationToken cancel) => SendAsync($"{Control}/counts", cancel);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<ProxyCounts> SendAsync(string path, CancellationToken cancel) =>
        (await _http.GetFromJsonAsync<ProxyCounts>(new Uri(path, UriKind.Relative), JsonSerializerOptions.Web, cancel))!;
}
