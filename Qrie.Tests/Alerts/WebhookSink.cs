using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Qrie.Tests.Alerts;

/// <summary>A receiver of webhooks on loopback.</summary>
internal sealed class WebhookSink : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebhookSink(WebApplication app) => _app = app;

    public ConcurrentQueue<Received> Requests { get; } = new();

    /// <summary>The next responses; 200 if there is none.</summary>
    public ConcurrentQueue<Func<HttpResponse, Task>> Responses { get; } = new();

    public Uri Url => new(_app.Urls.First());

    public static async Task<WebhookSink> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var sink = new WebhookSink(builder.Build());
        sink._app.Run(sink.ReceiveAsync);
        await sink._app.StartAsync();
        return sink;
    }

    /// <summary>The next response has this status.</summary>
    public void Answer(int status, string text = "", params (string Name, string Value)[] headers) => Responses.Enqueue(async response =>
    {
        response.StatusCode = status;
        foreach (var (name, value) in headers)
        {
            response.Headers[name] = value;
        }

        await response.WriteAsync(text);
    });

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        Requests.Enqueue(new Received(
            $"{context.Request.Path}", context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString()), await reader.ReadToEndAsync()));
        if (Responses.TryDequeue(out var respond))
        {
            await respond(context.Response);
        }
    }

    internal sealed record Received(string Path, IReadOnlyDictionary<string, string> Headers, string Body);
}
