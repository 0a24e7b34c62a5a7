using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Qrie.Api.Access;
using Qrie.Api.Observability;
using Qrie.Aws.Api.Metering;
using Qrie.Domain.Access;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Scans;
using Qrie.Dynamo.Client;

namespace Qrie.Api.Hosting;

/// <summary>Metrics and traces by OpenTelemetry. Nothing is collected unless one of the two settings asks for it.</summary>
/// <param name="Otlp">Where metrics and traces are sent by OTLP over HTTP, <c>http://collector:4318</c>; null for nowhere.</param>
/// <param name="Prometheus">Whether <c>GET /metrics</c> exists, for readers of the organization <c>default</c>.</param>
/// <param name="LogState">Whether the state is logged every five minutes.</param>
internal sealed record Telemetry(Uri? Otlp, bool Prometheus, bool LogState)
{
    public const string MetricsPath = "/metrics";

    private const string AwsMetrics = "qrie.aws.*";

    /// <summary>Without account and region: their number is not limited.</summary>
    private static readonly string[] s_awsLabels = ["rpc.service", "rpc.method", "error.type"];

    public bool IsOn => Otlp is not null || Prometheus;

    /// <exception cref="StartRefusedException">A setting is invalid.</exception>
    public static Telemetry Read(IConfiguration configuration)
    {
        var otlp = configuration["Telemetry:Otlp"];
        return new Telemetry(
            otlp is not { Length: > 0 } ? null
            : Uri.TryCreate(otlp, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
            : throw new StartRefusedException($"Telemetry:Otlp is '{otlp}'; it must be the address of a collector, such as http://localhost:4318."),
            Switch(configuration, "Telemetry:Prometheus"), Switch(configuration, "Telemetry:LogState"));
    }

    public static void Add(WebApplicationBuilder builder)
    {
        var settings = Read(builder.Configuration);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<StateReader>();
        if (settings.LogState)
        {
            builder.Services.AddHostedService<StateLogWorker>();
        }

        if (!settings.IsOn)
        {
            return;
        }

        TimedStore.Wrap(builder.Services);
        builder.Services.AddSingleton<StateMetrics>();
        builder.Services.AddHostedService<StateMetricsWorker>();
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("qrie", serviceVersion: QrieVersion.Current))
            .WithMetrics(metrics =>
            {
                metrics.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation()
                    .AddMeter(
                        CallMeter.MeterName, StateMetrics.MeterName, TimedStore.MeterName, ScanTelemetry.Name, FindingTelemetry.Name,
                        EventTelemetry.Name, DynamoMeter.Name)
                    .AddView(AwsMetrics, new MetricStreamConfiguration { TagKeys = s_awsLabels });
                if (settings.Prometheus)
                {
                    metrics.AddPrometheusExporter();
                }

                if (settings.Otlp is not null)
                {
                    metrics.AddOtlpExporter(o => settings.To(o, "v1/metrics"));
                }
            })
            .WithTracing(traces =>
            {
                if (settings.Otlp is not null)
                {
                    // Health checks would be most of the traces.
                    traces.AddAspNetCoreInstrumentation(o => o.Filter = c => !c.Request.Path.StartsWithSegments("/health"))
                        .AddSource(ScanTelemetry.Name).AddHttpClientInstrumentation().AddOtlpExporter(o => settings.To(o, "v1/traces"));
                }
            });
    }

    public void Map(IEndpointRouteBuilder routes)
    {
        if (Prometheus)
        {
            // Its numbers are those of all organizations.
            routes.MapPrometheusScrapingEndpoint(MetricsPath).Needs(Role.Reader)
                .RequireAuthorization(p => p.RequireClaim("organization", Domain.Organizations.Default));
        }
    }

    private void To(OtlpExporterOptions exporter, string path)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri(Otlp!.AbsoluteUri.TrimEnd('/') + "/" + path);
    }

    private static bool Switch(IConfiguration configuration, string key) =>
        configuration[key] is not { Length: > 0 } text ? false
        : bool.TryParse(text, out var on) ? on
        : throw new StartRefusedException($"{key} is '{text}'; it must be true or false.");
}
