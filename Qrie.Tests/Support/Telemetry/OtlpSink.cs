using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Qrie.Tests.Support.Telemetry;

/// <summary>A span or a point of a metric, as received.</summary>
/// <param name="Labels">Attributes, as text.</param>
internal sealed record TracedSpan(string TraceId, string SpanId, string ParentId, string Name, IReadOnlyDictionary<string, string> Labels);

/// <inheritdoc cref="TracedSpan"/>
/// <param name="Value">Of a histogram, its number of measurements.</param>
internal sealed record MeasuredPoint(string Metric, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>
/// A collector on loopback: OTLP over HTTP with Protocol Buffers. The numbers of fields are those of
/// https://github.com/open-telemetry/opentelemetry-proto (trace, metrics and common, v1).
/// </summary>
internal sealed class OtlpSink : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<TracedSpan> _spans = new();
    private readonly ConcurrentQueue<MeasuredPoint> _points = new();

    private OtlpSink(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public IReadOnlyCollection<TracedSpan> Spans => [.. _spans];

    public IReadOnlyCollection<MeasuredPoint> Points => [.. _points];

    public static async Task<OtlpSink> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var sink = new OtlpSink(builder.Build());
        sink._app.MapPost("/v1/traces", request => ReceiveAsync(request, sink.Traces));
        sink._app.MapPost("/v1/metrics", request => ReceiveAsync(request, sink.Metrics));
        await sink._app.StartAsync();
        return sink;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static async Task ReceiveAsync(HttpContext context, Action<ProtobufMessage> receive)
    {
        context.Request.ContentType.ShouldBe("application/x-protobuf");
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        receive(new ProtobufMessage(body.ToArray()));
    }

    private void Traces(ProtobufMessage request)
    {
        foreach (var span in request.All(1, 2, 2)) // resource_spans, scope_spans, spans
        {
            _spans.Enqueue(new TracedSpan(span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), Labels(span, 9)));
        }
    }

    private void Metrics(ProtobufMessage request)
    {
        foreach (var metric in request.All(1, 2, 2)) // resource_metrics, scope_metrics, metrics
        {
            foreach (var point in metric.All(5, 1).Concat(metric.All(7, 1))) // gauge, sum
            {
                _points.Enqueue(new MeasuredPoint(metric.Text(1), Labels(point, 7), point.Has(4) ? point.Double(4) : point.Number(6)));
            }

            foreach (var point in metric.All(9, 1)) // histogram
            {
                _points.Enqueue(new MeasuredPoint(metric.Text(1), Labels(point, 9), point.Number(4)));
            }
        }
    }

    private static Dictionary<string, string> Labels(ProtobufMessage item, int field)
    {
        var labels = new Dictionary<string, string>();
        foreach (var label in item.All(field))
        {
            var value = label.All(2).First();
            labels[label.Text(1)] = value.Has(1) ? value.Text(1) : value.Number(3).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return labels;
    }
}
