using System.Diagnostics.Metrics;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Qrie.Api.Access;
using Qrie.Api.Workers;
using Qrie.Aws.Api.Metering;
using Qrie.Domain.Access;
using Qrie.Domain.Catalog;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Domain.Scans;

namespace Qrie.Api.Hosting;

/// <summary>Metrics and traces by OpenTelemetry. Nothing is collected unless one of the two settings asks for it.</summary>
/// <param name="Otlp">Where metrics and traces are sent by OTLP over HTTP, <c>http://collector:4318</c>; null for nowhere.</param>
/// <param name="Prometheus">Whether <c>GET /metrics</c> exists, for readers of the organization <c>default</c>.</param>
internal sealed record Telemetry(Uri? Otlp, bool Prometheus)
{
    public const string MetricsPath = "/metrics";

    private const string AwsMetrics = "qrie.aws.*";

    /// <summary>Without account and region: their number is not limited.</summary>
    private static readonly string[] s_awsLabels = ["rpc.service", "rpc.method", "error.type"];

    public bool IsOn => Otlp is not null || Prometheus;

    /// <exception cref="StartRefusedException">A setting is invalid.</exception>
    public static Telemetry Read(IConfiguration configuration)
    {
        var (otlp, prometheus) = (configuration["Telemetry:Otlp"], configuration["Telemetry:Prometheus"]);
        return new Telemetry(
            otlp is not { Length: > 0 } ? null
            : Uri.TryCreate(otlp, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
            : throw new StartRefusedException($"Telemetry:Otlp is '{otlp}'; it must be the address of a collector, such as http://localhost:4318."),
            prometheus is not { Length: > 0 } ? false
            : bool.TryParse(prometheus, out var on) ? on
            : throw new StartRefusedException($"Telemetry:Prometheus is '{prometheus}'; it must be true or false."));
    }

    public static void Add(WebApplicationBuilder builder)
    {
        var settings = Read(builder.Configuration);
        builder.Services.AddSingleton(settings);
        if (!settings.IsOn)
        {
            return;
        }

        builder.Services.AddSingleton<StateMetrics>();
        builder.Services.AddHostedService<StateMetricsWorker>();
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("qrie", serviceVersion: QrieVersion.Current))
            .WithMetrics(metrics =>
            {
                metrics.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation()
                    .AddMeter(CallMeter.MeterName, StateMetrics.MeterName, ScanTelemetry.Name)
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
}

/// <summary>The state of the installation as metrics: few labels, whatever the number of accounts and organizations.</summary>
internal sealed class StateMetrics : IDisposable
{
    public const string MeterName = "Qrie";

    private readonly Meter _meter = new(MeterName);
    private IReadOnlyDictionary<(FindingState State, SeverityBand Band), long> _findings = new Dictionary<(FindingState, SeverityBand), long>();
    private long _accounts;

    public StateMetrics(ICatalog catalog, Readiness readiness)
    {
        _meter.CreateObservableGauge("qrie.findings", () => Volatile.Read(ref _findings).Select(f => new Measurement<long>(
            f.Value, new("state", f.Key.State.ToString().ToLowerInvariant()), new("severity", f.Key.Band.ToString().ToLowerInvariant()))), "{finding}");
        _meter.CreateObservableGauge("qrie.accounts", () => Volatile.Read(ref _accounts), "{account}", "Registered accounts.");
        _meter.CreateObservableGauge("qrie.catalog.policies", () => catalog.Current.Policies.Count, "{policy}");
        _meter.CreateObservableGauge("qrie.catalog.resource_types", () => catalog.Current.Services.Sum(s => s.Resources.Count), "{type}");
        _meter.CreateObservableGauge("qrie.ready", () => readiness.NotReadyBecause is null ? 1 : 0);
        _meter.CreateObservableGauge(
            "qrie.build.info", () => new Measurement<int>(1, new("version", QrieVersion.Current), new("commit", QrieVersion.Commit ?? "")));
    }

    public void Set(IReadOnlyDictionary<(FindingState State, SeverityBand Band), long> findings, long accounts)
    {
        Volatile.Write(ref _findings, findings);
        Volatile.Write(ref _accounts, accounts);
    }

    public void Dispose() => _meter.Dispose();
}

/// <summary>Reads the state once a minute, from counts that are maintained with every write.</summary>
internal sealed class StateMetricsWorker(
    StateMetrics metrics, IOrganizationStore organizations, ISummaryStore summaries, Domain.Accounts.IAccountStore accounts, TimeProvider clock,
    ILogger<StateMetricsWorker> logger)
    : PeriodicWorker("Reading metrics", TimeSpan.FromMinutes(1), clock, logger)
{
    protected override async Task RunOnceAsync(CancellationToken cancel)
    {
        var (findings, registered) = (new Dictionary<(FindingState State, SeverityBand Band), long>(), 0L);
        foreach (var organization in await organizations.ListAsync(cancel))
        {
            foreach (var count in await summaries.CountFindingsAsync(organization.OrganizationId, null, cancel))
            {
                findings[(count.State, count.Band)] = findings.GetValueOrDefault((count.State, count.Band)) + count.N;
            }

            registered += (await accounts.ListAsync(organization.OrganizationId, includeRemoved: false, cancel)).Count;
        }

        metrics.Set(findings, registered);
    }
}
