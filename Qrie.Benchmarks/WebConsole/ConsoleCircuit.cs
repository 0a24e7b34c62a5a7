using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Qrie.Benchmarks.WebConsole;

/// <summary>
/// A connected user of the console without a browser: speaks the protocol of Blazor's circuits, confirms every rendering and navigates, so that a hundred users
/// cost the machine little more than what they cost the service. What a browser would draw is not drawn.
/// </summary>
internal sealed partial class ConsoleCircuit : IAsyncDisposable
{
    private const string Environment = """{"dark":false,"zone":"Europe/Berlin"}""";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly HubConnection _connection;
    private readonly Uri _base;
    private readonly ConcurrentQueue<byte[]> _batches = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private long _received;
    private string? _error;
    private HttpClient? _http;
    private string? _id;

    private ConsoleCircuit(Uri address)
    {
        _base = new Uri(address, "/ui/");
        var builder = new HubConnectionBuilder().WithUrl(
            new Uri(_base, "_blazor"),
            options =>
            {
                options.Transports = HttpTransportType.WebSockets;
                options.SkipNegotiation = true;
                options.Headers["Origin"] = address.GetLeftPart(UriPartial.Authority);
            });
        builder.Services.AddSingleton<IHubProtocol, CircuitProtocol>();
        _connection = builder.Build();
        _connection.On<long, byte[]>("JS.RenderBatch", async (id, batch) =>
        {
            Interlocked.Add(ref _received, batch.Length);
            _batches.Enqueue(batch);
            _arrived.Release();
            await _connection.SendAsync("OnRenderCompleted", id, null);
        });
        _connection.On<int, string>("JS.AttachComponent", (_, _) => { });
        _connection.On<string>("JS.EndUpdateRootComponents", _ => { });
        _connection.On<string, bool, string>("JS.EndInvokeDotNet", (_, _, _) => { });
        _connection.On<int, bool>("JS.EndLocationChanging", (_, _) => { });
        _connection.On<long, string, string, int, long, int>("JS.BeginInvokeJS", async (task, function, _, _, _, _) =>
        {
            if (task != 0)
            {
                var value = function == "qrie.environment" ? Environment : "null";
                await _connection.SendAsync(
                    "EndInvokeJSFromDotNet", task, true, string.Create(CultureInfo.InvariantCulture, $"[{task},true,{value}]"));
            }
        });
        _connection.On<string>("JS.Error", error =>
        {
            _error = error;
            _arrived.Release();
        });
    }

    /// <summary>The bytes of all renderings so far.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Opens a page as a browser does, until it shows a text.</summary>
    public static async Task<ConsoleCircuit> OpenAsync(HttpClient http, Uri address, string path, string text, CancellationToken cancel)
    {
        var circuit = new ConsoleCircuit(address);
        var page = new Uri(circuit._base, path);
        var html = await http.GetStringAsync(page, cancel);
        await circuit._connection.StartAsync(cancel);
        var state = StateForm().Match(html).Groups["state"].Value;
        circuit._http = http;
        var id = circuit._id = await circuit._connection.InvokeAsync<string>("StartCircuit", circuit._base.ToString(), page.ToString(), "[]", state, cancel);
        if (string.IsNullOrEmpty(id))
        {
            throw new InvalidOperationException("The service refused a circuit.");
        }

        var operations = new JsonArray(
            [.. MarkerForm().Matches(html).Select((m, i) => (JsonNode)new JsonObject
            {
                ["type"] = "add",
                ["ssrComponentId"] = i + 1,
                ["marker"] = JsonNode.Parse(m.Groups["marker"].Value),
            })]);
        await circuit._connection.SendAsync(
            "UpdateRootComponents", new JsonObject { ["batchId"] = 1, ["operations"] = operations }.ToJsonString(), state, cancel);
        await circuit.ShowsAsync(text, cancel);
        return circuit;
    }

    /// <summary>Follows a link, until the page shows a text; how long it took.</summary>
    public async Task<TimeSpan> GoAsync(string path, string text, CancellationToken cancel)
    {
        _batches.Clear();
        var began = Stopwatch.GetTimestamp();
        await _connection.SendAsync("OnLocationChanged", new Uri(_base, path).ToString(), null, true, cancel);
        await ShowsAsync(text, cancel);
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>As a browser does when a window is closed: the service forgets it at once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_http is not null && _id is not null)
        {
            using var form = new MultipartFormDataContent { { new StringContent(_id), "circuitId" } };
            using var answer = await _http.PostAsync(new Uri(_base, "_blazor/disconnect"), form);
            answer.EnsureSuccessStatusCode();
        }

        await _connection.DisposeAsync();
        _arrived.Dispose();
    }

    [SuppressMessage("Usage", "VSTHRD003", Justification = "The semaphore is the circuit's own.")]
    private async Task ShowsAsync(string text, CancellationToken cancel)
    {
        var wanted = Encoding.UTF8.GetBytes(text);
        while (true)
        {
            if (!await _arrived.WaitAsync(s_limit, cancel))
            {
                throw new TimeoutException($"No page showed \"{text}\" within {s_limit}.");
            }

            if (_error is { } error)
            {
                throw new InvalidOperationException($"The circuit failed: {error}");
            }

            while (_batches.TryDequeue(out var batch))
            {
                if (batch.AsSpan().IndexOf(wanted) >= 0)
                {
                    return;
                }
            }
        }
    }

    [GeneratedRegex("<!--Blazor:(?<marker>\\{.*?\\})-->", RegexOptions.Singleline)]
    private static partial Regex MarkerForm();

    [GeneratedRegex("<!--Blazor-Server-Component-State:(?<state>[a-zA-Z0-9+/=]+)-->")]
    private static partial Regex StateForm();

    /// <summary>MessagePack under the name that the server of circuits expects.</summary>
    private sealed class CircuitProtocol : IHubProtocol
    {
        private readonly MessagePackHubProtocol _inner = new();

        public string Name => "blazorpack";

        public int Version => 1;

        public TransferFormat TransferFormat => TransferFormat.Binary;

        public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => _inner.GetMessageBytes(message);

        public bool IsVersionSupported(int version) => version == Version;

        public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message) =>
            _inner.TryParseMessage(ref input, binder, out message);

        public void WriteMessage(HubMessage message, IBufferWriter<byte> output) => _inner.WriteMessage(message, output);
    }
}
