using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Qrie.Api.Hosting;
using Qrie.Domain.Access;
using Qrie.Tests.Api.Access;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api.Operations;

/// <summary>Metrics for Prometheus, and metrics and traces at a collector.</summary>
public sealed class TelemetryTests
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
            async () => await qrie.Http.GetStringAsync("/metrics"), t => t.Contains("qrie_findings", StringComparison.Ordinal));

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
        var received = new ConcurrentDictionary<string, string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var collector = builder.Build();
        collector.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.AddOrUpdate(
                context.Request.Path, Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
        });
        await collector.StartAsync();
        await using var qrie = await RunningQrie.StartAsync(settings: $"--Telemetry:Otlp={collector.Urls.First()}");

        await qrie.GetAsync("/findings/groups?by=policy");
        qrie.Services.GetRequiredService<TracerProvider>().ForceFlush().ShouldBeTrue();
        qrie.Services.GetRequiredService<MeterProvider>().ForceFlush().ShouldBeTrue();

        received["/v1/traces"].ShouldContain("/findings/groups");
        received["/v1/metrics"].ShouldContain("qrie.catalog.policies");
    }

    [Theory]
    [InlineData("Otlp", "collector")]
    [InlineData("Prometheus", "yes")]
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
}
