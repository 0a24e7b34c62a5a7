using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Qrie.Api.Hosting;
using Qrie.Api.Observability;
using Qrie.Domain.Access;
using Qrie.Tests.Api.Access;
using Qrie.Tests.Support;
using Qrie.Tests.Support.Telemetry;

namespace Qrie.Tests.Api.Operations;

/// <summary>Metrics for Prometheus, and metrics and traces at a collector.</summary>
[Collection(ProcessMetrics.Collection)]
public sealed partial class TelemetryTests
{
    [Fact]
    public async Task Metrics_are_for_readers_of_the_installation_and_only_if_they_are_switched_on()
    {
        await using var off = await KeyClients.StartAsync();
        using var reader = await off.ClientAsync(Role.Reader);
        (await reader.CallAsync("GET", "/metrics")).Status.ShouldBe(HttpStatusCode.NotFound);

        await using var on = await KeyClients.StartAsync(null, "--Telemetry:Prometheus=true");
        await on.MakeOrganizationAsync("shop");
        using var own = await on.ClientAsync(Role.Reader);
        using var foreign = await on.ClientAsync(Role.Admin, "shop");

        (await on.Http.GetAsync("/metrics")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await foreign.CallAsync("GET", "/metrics")).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await own.CallAsync("GET", "/metrics")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Metrics_tell_the_state_and_have_no_label_of_accounts()
    {
        await using var qrie = await RunningQrie.StartAsync(settings: "--Telemetry:Prometheus=true");
        var bucket = StoredWorld.Bucket("a");
        await qrie.LaunchQuietlyAsync(Some.Public);
        await qrie.WriteAsync(bucket);
        await qrie.EvaluateAsync(bucket, Some.Fails(Some.Public));
        await qrie.GetAsync("/findings");
        using var worker = ActivatorUtilities.CreateInstance<StateMetricsWorker>(qrie.Services);
        await worker.StartAsync(default);

        var text = await EventuallyAsync(
            async () => await qrie.Http.GetStringAsync("/metrics"), t => t.Contains("qrie_findings{", StringComparison.Ordinal));

        text.ShouldMatch("""qrie_findings\{[^}]*severity="high"[^}]*state="active"[^}]*\} 1""");
        text.ShouldContain("qrie_accounts");
        text.ShouldContain("qrie_catalog_policies");
        text.ShouldContain("http_server_request_duration");
        text.ShouldContain("dotnet_");
        text.ShouldNotContain("123456789012");
        await worker.StopAsync(default);
    }

    [Fact]
    public async Task A_collector_gets_metrics_and_the_traces_of_requests()
    {
        await using var collector = await OtlpSink.StartAsync();
        await using var qrie = await RunningQrie.StartAsync(settings: $"--Telemetry:Otlp={collector.Url}");

        await qrie.GetAsync("/findings/groups?by=policy");
        // The span ends after the client has the response.
        await EventuallyAsync(
            () =>
            {
                qrie.Services.GetRequiredService<TracerProvider>().ForceFlush().ShouldBeTrue();
                return Task.FromResult(string.Join(' ', collector.Spans.Select(s => s.Labels.GetValueOrDefault("url.path"))));
            },
            paths => paths.Contains("/findings/groups", StringComparison.Ordinal));
        qrie.Services.GetRequiredService<MeterProvider>().ForceFlush().ShouldBeTrue();

        collector.Spans.ShouldContain(s => s.Labels.GetValueOrDefault("url.path") == "/findings/groups");
        collector.Points.ShouldContain(p => p.Metric == "qrie.catalog.policies" && p.Value > 100);
    }

    [Fact]
    public async Task The_alarms_on_the_log_read_what_the_line_of_the_state_has()
    {
        using var log = new PropertyLog();
        await using var qrie = await RunningQrie.StartAsync(adjust: builder => builder.Logging.AddProvider(log), settings: "--Telemetry:LogState=true");
        var template = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "deploy", "qrie-core.yaml"));

        await EventuallyAsync(() => Task.FromResult(log.Names.Count > 0 ? "a line" : ""), text => text.Length > 0);

        var read = FilteredProperty().Matches(template).Select(m => m.Groups[1].Value).ToList();
        read.Count.ShouldBeGreaterThan(4);
        read.ShouldBeSubsetOf(log.Names);
    }

    [Theory]
    [InlineData("Otlp", "collector")]
    [InlineData("Prometheus", "yes")]
    [InlineData("LogState", "1")]
    public void An_invalid_setting_prevents_the_start(string key, string value) =>
        Should.Throw<StartRefusedException>(() => QrieHost.Build([$"--Telemetry:{key}={value}"])).Message.ShouldContain($"Telemetry:{key}");

    private static async Task<string> EventuallyAsync(Func<Task<string>> read, Func<string, bool> holds)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(100))
        {
            var text = await read();
            if (holds(text) || waited.Elapsed > TimeSpan.FromSeconds(60))
            {
                return text;
            }
        }
    }

    [GeneratedRegex(@"FilterPattern: '\{ \$\.([A-Z]\w+) = \* \}'", RegexOptions.CultureInvariant)]
    private static partial Regex FilteredProperty();

    /// <summary>The names of the properties of the line of the state.</summary>
    private sealed class PropertyLog : ILoggerProvider, ILogger
    {
        public IReadOnlyList<string> Names { get; private set; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (state is IEnumerable<KeyValuePair<string, object?>> properties
                && properties.Any(p => p.Key == "{OriginalFormat}" && p.Value is string text && text.StartsWith("State: ", StringComparison.Ordinal)))
            {
                Names = [.. properties.Select(p => p.Key)];
            }
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
